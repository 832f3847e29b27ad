import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client';
import { type StructuredToolInterface, tool } from '@langchain/core/tools';
import type { DeclaredTool } from '../agents/AgentDirectory';
import { gatewayCall } from './gateway';
import { RunFailure } from './RunFailure';
import { toModelToolNames } from './toolNames';

/** A tool that the model may call, and what is known of it. */
export interface LoadedTool extends DeclaredTool {
  /** Name under which the model knows it. */
  modelName: string;
}

/**
 * The tools of one agent in one run, over one connection to the tool gateway.
 * Of what the gateway offers the caller, only what the agent declares is kept.
 */
export class ToolSession {
  readonly #client: Client | undefined;
  readonly tools: StructuredToolInterface[];
  readonly byModelName: Map<string, LoadedTool>;
  /** Declared, but not offered by the gateway to this caller now. */
  readonly missing: string[];

  /** Connects and lists; without declared tools there is no connection. */
  static async open(options: {
    url: string;
    fetch: typeof fetch;
    declared: DeclaredTool[];
    timeoutMs: number;
    signal: AbortSignal;
  }): Promise<ToolSession> {
    const { declared, signal, timeoutMs } = options;
    if (!declared.length) {
      return new ToolSession(undefined, [], new Map(), []);
    }
    const client = new Client(
      { name: 'agent-portal-orchestration', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const call = {};
    let offered: Tool[];
    try {
      offered = await gatewayCall.run(call, async () => {
        await client.connect(
          new StreamableHTTPClientTransport(new URL(options.url), {
            fetch: options.fetch,
          }),
          { signal, timeout: timeoutMs },
        );
        return (
          await client.listTools(undefined, { signal, timeout: timeoutMs })
        ).tools;
      });
    } catch (error) {
      await client.close().catch(() => {});
      signal.throwIfAborted();
      throw toolsUnavailable(call, error);
    }
    const byName = new Map(offered.map(item => [item.name, item]));
    const usable = declared.filter(item => byName.has(item.gatewayName));
    const names = toModelToolNames(usable.map(item => item.gatewayName));
    const loaded = new Map<string, LoadedTool>();
    const tools = usable.map(item => {
      const modelName = names.get(item.gatewayName)!;
      const definition = byName.get(item.gatewayName)!;
      loaded.set(modelName, {
        ...item,
        modelName,
        title: item.title ?? definition.title ?? definition.annotations?.title,
      });
      return toLangChainTool(client, definition, modelName, timeoutMs);
    });
    return new ToolSession(
      client,
      tools,
      loaded,
      declared
        .filter(item => !byName.has(item.gatewayName))
        .map(item => item.ref),
    );
  }

  private constructor(
    client: Client | undefined,
    tools: StructuredToolInterface[],
    byModelName: Map<string, LoadedTool>,
    missing: string[],
  ) {
    this.#client = client;
    this.tools = tools;
    this.byModelName = byModelName;
    this.missing = missing;
  }

  async close(): Promise<void> {
    await this.#client?.close().catch(() => {});
  }
}

function toLangChainTool(
  client: Client,
  definition: Tool,
  modelName: string,
  timeoutMs: number,
): StructuredToolInterface {
  return tool(
    async (args, config) => {
      const result = await client.callTool(
        { name: definition.name, arguments: args as Record<string, unknown> },
        { signal: config?.signal, timeout: timeoutMs },
      );
      const call = gatewayCall.getStore();
      if (call) {
        call.toolResult = {
          isError: Boolean(result.isError),
          output: {
            content: result.content,
            ...(result.structuredContent === undefined
              ? {}
              : { structuredContent: result.structuredContent }),
          },
        };
      }
      return toText(result);
    },
    {
      name: modelName,
      description:
        definition.description ?? definition.title ?? definition.name,
      schema: definition.inputSchema as Record<string, unknown>,
    },
  ) as StructuredToolInterface;
}

/**
 * What the model reads: the structured result where there is one, because it is
 * complete and typed, else the text. Never both, which would be paid for twice.
 */
function toText(result: CallToolResult): string {
  if (result.structuredContent !== undefined && !result.isError) {
    return JSON.stringify(result.structuredContent);
  }
  const text = result.content
    .map(block =>
      block.type === 'text' ? block.text : `[${block.type} left out]`,
    )
    .join('\n');
  return text || '{}';
}

/** The failure of a run whose tools cannot be reached at all. */
export function toolsUnavailable(
  call: { refusal?: { message: string } },
  cause: unknown,
): RunFailure {
  return new RunFailure(
    'ToolsUnavailable',
    call.refusal?.message ??
      'The tool gateway could not be reached. Try again in a moment.',
    { cause },
  );
}

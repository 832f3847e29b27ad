import {
  type CallToolResult,
  Client,
  type DiscoverResult,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client';
import { RISK_TIERS, type RiskTier } from '@agentportal/plugin-agents-common';
import {
  TOOL_META_APPROVAL,
  TOOL_META_GRANT,
  TOOL_META_IDEMPOTENCY_KEY,
  TOOL_META_PROVENANCE,
  TOOL_META_REF,
  TOOL_META_REFUSED_BY,
  TOOL_META_REHEARSAL,
  TOOL_META_REHEARSED,
  TOOL_META_REPEATABLE,
  TOOL_META_RISK_TIER,
} from '@agentportal/plugin-tools-common';
import { type StructuredToolInterface, tool } from '@langchain/core/tools';
import { z } from 'zod/v4';
import type { StoredRehearsal } from '../runs/rehearsals';
import { type GatewayCall, gatewayCall, throughGateway } from './gateway';
import { findRunFailure, RunFailure } from './RunFailure';
import { toModelToolNames } from './toolNames';

/** Guards against a gateway that pages without end. */
const MAX_PAGES = 200;

/**
 * LangChain would check arguments by the schema of a foreign server, with its
 * regular expressions, on the thread that serves everybody. The tool gateway
 * checks them, under a deadline and elsewhere.
 */
const ANY_OBJECT: Record<string, unknown> = { type: 'object' };

/**
 * The gateway holds answers to the schemas of foreign servers, in a process of its own.
 * Here a schema would be compiled for each call, on the thread that serves everybody.
 */
const GATEWAY_CHECKS = {
  getValidator: () => (input: unknown) => ({
    valid: true as const,
    data: input as never,
    errorMessage: undefined,
  }),
};

/** How gateways introduced themselves, which is the same for all runs. */
const introductions = new Map<string, DiscoverResult>();

/** A tool that the model may call, and what is known of it. */
export interface LoadedTool {
  /** Entity ref in the catalog. */
  ref: string;
  /** Name at the tool gateway, such as `orders.find_order`. */
  gatewayName: string;
  title?: string;
  riskTier?: RiskTier;
  /** Whether a call that is made twice does no more than one. */
  isRepeatable: boolean;
}

/**
 * The tools of one agent in one run, over one connection to the tool gateway.
 * What it may call is for the gateway to decide, which knows the delegation; of that,
 * only what the agent declared when the run began is kept.
 */
export class ToolSession {
  readonly #client: Client | undefined;
  readonly tools: StructuredToolInterface[];
  readonly byModelName: Map<string, LoadedTool>;
  /** Declared, but not offered by the gateway to this caller now. */
  readonly missing: string[];

  /** Connects and lists; without declared tools there is no connection. */
  static async create(options: {
    url: string;
    fetch: typeof fetch;
    /** Entity refs of the tools that the agent declares. */
    declared: string[];
    /** Present in a rehearsal. */
    rehearsal: StoredRehearsal | undefined;
    timeoutMs: number;
    signal: AbortSignal;
  }): Promise<ToolSession> {
    const { declared, rehearsal, signal } = options;
    if (!declared.length) {
      return new ToolSession(undefined, [], new Map(), []);
    }
    const call: GatewayCall = {};
    let client: Client;
    let offered: Tool[];
    try {
      [client, offered] = await throughGateway(
        call,
        signal,
        () => connect(options),
        { isRepeatable: true },
      );
    } catch (error) {
      signal.throwIfAborted();
      throw findRunFailure(error) ?? toolsUnavailable(call, error);
    }
    // The gateway says the ref of each tool; names are its own business.
    const byRef = new Map(
      offered.map(item => [item._meta?.[TOOL_META_REF], item]),
    );
    const usable = declared.flatMap(ref => byRef.get(ref) ?? []);
    const names = toModelToolNames(usable.map(item => item.name));
    const loaded = new Map<string, LoadedTool>();
    const tools = usable.map(definition => {
      const modelName = names.get(definition.name)!;
      const riskTier = riskTierOf(definition);
      loaded.set(modelName, {
        ref: String(definition._meta?.[TOOL_META_REF]),
        gatewayName: definition.name,
        title: definition.title ?? definition.annotations?.title,
        riskTier,
        isRepeatable:
          // What was not done can be rehearsed again.
          rehearsal !== undefined ||
          riskTier === 'read' ||
          definition._meta?.[TOOL_META_REPEATABLE] === true,
      });
      return toLangChainTool(client, definition, modelName, options);
    });
    return new ToolSession(
      client,
      tools,
      loaded,
      declared.filter(ref => !byRef.has(ref)),
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

async function connect(options: {
  url: string;
  fetch: typeof fetch;
  rehearsal: StoredRehearsal | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<[Client, Tool[]]> {
  const { signal, timeoutMs: timeout, url } = options;
  const discover = introductions.get(url);
  const client = new Client(
    { name: 'agent-portal-orchestration', version: '1' },
    {
      versionNegotiation: { mode: 'auto' },
      jsonSchemaValidator: GATEWAY_CHECKS,
    },
  );
  try {
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), {
        fetch: options.fetch,
      }),
      {
        signal,
        timeout,
        ...(discover && { prior: { kind: 'modern', discover } }),
      },
    );
    const tools = await listTools(client, options.rehearsal !== undefined, {
      signal,
      timeout,
    });
    const said = client.getDiscoverResult();
    if (said) {
      introductions.set(url, said);
    }
    return [client, tools];
  } catch (error) {
    // It may be another one since.
    introductions.delete(url);
    await client.close().catch(() => {});
    throw error;
  }
}

const rehearsedSchema = z.object({
  answeredBy: z.enum(['given', 'schema', 'sentence']),
  wouldWait: z
    .object({ reason: z.string(), askedOf: z.array(z.string()) })
    .optional(),
});
const refusedBySchema = z.array(z.string()).max(100);
const approvalSchema = z.object({
  id: z.string(),
  status: z.string(),
  title: z.string(),
  expiresAt: z.string().optional(),
  askedOf: z.array(z.string()),
});

async function listTools(
  client: Client,
  isRehearsal: boolean,
  options: { signal: AbortSignal; timeout: number },
): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await client.listTools(cursor ? { cursor } : {}, options);
    // One of an older version, or behind something that drops headers, would do it all.
    if (isRehearsal && result._meta?.[TOOL_META_REHEARSAL] !== true) {
      throw new RunFailure(
        'ToolsUnavailable',
        'The tool gateway does not confirm that it only rehearses, so no tool was called. Tell the people who run the portal: the plugins orchestration and tools must be of the same version, and all headers must arrive.',
      );
    }
    tools.push(...result.tools);
    cursor = result.nextCursor;
    if (!cursor) {
      break;
    }
  }
  return tools;
}

function riskTierOf(definition: Tool): RiskTier | undefined {
  const tier = definition._meta?.[TOOL_META_RISK_TIER];
  return RISK_TIERS.find(known => known === tier);
}

function toLangChainTool(
  client: Client,
  definition: Tool,
  modelName: string,
  {
    rehearsal,
    timeoutMs,
  }: { rehearsal: StoredRehearsal | undefined; timeoutMs: number },
): StructuredToolInterface {
  const description =
    definition.description ?? definition.title ?? definition.name;
  return tool(
    async (args, config) => {
      const call = gatewayCall.getStore();
      const result = await client.callTool(
        {
          name: definition.name,
          arguments: args as Record<string, unknown>,
          _meta: {
            ...(rehearsal && { [TOOL_META_REHEARSAL]: rehearsal }),
            ...(call?.provenance && {
              [TOOL_META_PROVENANCE]: call.provenance,
            }),
            ...(call?.grant && { [TOOL_META_GRANT]: call.grant }),
            ...(call?.idempotencyKey && {
              [TOOL_META_IDEMPOTENCY_KEY]: call.idempotencyKey,
            }),
          },
        },
        { signal: config?.signal, timeout: timeoutMs },
      );
      if (call) {
        call.toolResult = {
          isError: Boolean(result.isError),
          output: {
            content: result.content,
            ...(result.structuredContent === undefined
              ? {}
              : { structuredContent: result.structuredContent }),
          },
          refusedBy: refusedBySchema.safeParse(
            result._meta?.[TOOL_META_REFUSED_BY],
          ).data,
          rehearsed: rehearsedSchema.safeParse(
            result._meta?.[TOOL_META_REHEARSED],
          ).data,
          approval: approvalSchema.safeParse(result._meta?.[TOOL_META_APPROVAL])
            .data,
        };
      }
      return toText(result);
    },
    {
      name: modelName,
      description,
      schema: ANY_OBJECT,
      // The model reads the schema of the server; nobody checks by it here.
      extras: {
        providerToolDefinition: {
          type: 'function',
          function: {
            name: modelName,
            description,
            parameters: definition.inputSchema,
          },
        },
      },
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

import type { ToolDescription } from './records';
import { compileSchema } from '../gateway/compileSchema';
import { explainFailure } from '../upstream/explainFailure';
import { Exchange } from '../upstream/guardedFetch';
import type { LeftOut } from '../upstream/siftTools';
import type {
  UpstreamConnections,
  UpstreamServer,
} from '../upstream/UpstreamConnections';
import { UpstreamError } from '../upstream/UpstreamError';

/** What a server answered about itself. */
export interface Visit {
  era: string;
  tools: ToolDescription[];
  leftOut: LeftOut[];
}

/**
 * Asks a server for all its tools.
 *
 * @throws UpstreamError when it gives no usable answer.
 */
export async function visitServer(options: {
  server: UpstreamServer;
  connections: UpstreamConnections;
  timeoutMs: number;
  maxToolBytes: number;
  maxTools: number;
  signal?: AbortSignal;
}): Promise<Visit> {
  const { server, connections, timeoutMs } = options;
  const exchange = new Exchange({ signal: options.signal });
  const timer = setTimeout(
    () =>
      exchange.abort(
        new UpstreamError('timeout', 'it did not list its tools in time'),
      ),
    timeoutMs,
  );
  try {
    const connection = await connections.open(server, exchange);
    try {
      const { tools } = await exchange.run(() =>
        connection.client.listTools(undefined, {
          cacheMode: 'bypass',
          timeout: timeoutMs,
          signal: exchange.signal,
        }),
      );
      const { leftOut } = connection;
      const usable = tools
        .slice(0, options.maxTools)
        .map(tool => ({
          toolName: tool.name,
          title: clean(tool.title ?? tool.annotations?.title ?? tool.name),
          description: clean(tool.description ?? ''),
          inputSchema: tool.inputSchema as Record<string, unknown>,
          outputSchema: tool.outputSchema as
            | Record<string, unknown>
            | undefined,
          annotations: tool.annotations,
        }))
        .filter(tool => {
          const reason = unusable(tool, options.maxToolBytes);
          if (reason) {
            leftOut.push({ name: tool.toolName, reason });
          }
          return !reason;
        });
      if (tools.length > options.maxTools) {
        leftOut.push({
          name: `${tools.length - options.maxTools} more`,
          reason: `the gateway takes ${options.maxTools} tools of a server`,
        });
      }
      return { era: connection.era, tools: usable, leftOut };
    } finally {
      await connection.close();
    }
  } catch (error) {
    const { signal } = exchange;
    throw explainFailure(
      signal.aborted && signal.reason instanceof Error ? signal.reason : error,
    );
  } finally {
    clearTimeout(timer);
  }
}

function unusable(tool: ToolDescription, maxBytes: number): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(tool));
  if (bytes > maxBytes) {
    return `its description and schemas have ${bytes} bytes, and ${maxBytes} are allowed`;
  }
  for (const key of ['inputSchema', 'outputSchema'] as const) {
    const schema = tool[key];
    if (schema) {
      try {
        compileSchema(schema);
      } catch (error) {
        return `its ${key} is no valid JSON Schema: ${
          (error as Error).message
        }`;
      }
    }
  }
  return undefined;
}

/** PostgreSQL stores no NUL in a text. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '').trim();
}

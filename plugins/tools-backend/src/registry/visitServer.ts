import type { ToolDescription } from './records';
import { tooMany, type RejectedTool } from '../upstream/filterTools';
import { Exchange } from '../upstream/guardedFetch';
import { toUpstreamError } from '../upstream/toUpstreamError';
import type {
  UpstreamConnections,
  UpstreamServer,
} from '../upstream/UpstreamConnections';
import { UpstreamError } from '../upstream/UpstreamError';

const MAX_PAGES = 50;

/**
 * Name of the action that calls a tool. It is left out of Backstage's own actions: a
 * tool that calls tools would let one decision stand for another.
 */
export const CALL_TOOL_ACTION = 'call-tool';

/** What a server answered about itself. */
export interface Visit {
  era: string;
  isBackstageActions: boolean;
  tools: ToolDescription[];
  rejected: RejectedTool[];
}

/** How much of a server is read. */
export interface VisitLimits {
  discoveryTimeoutMs: number;
  responseBytes: number;
  toolBytes: number;
  toolsPerServer: number;
}

/**
 * Asks a server for all its tools, over a connection of its own.
 *
 * @throws UpstreamError when it gives no usable answer.
 */
export async function visitServer(options: {
  server: UpstreamServer;
  connections: UpstreamConnections;
  limits: VisitLimits;
  signal?: AbortSignal;
}): Promise<Visit> {
  const { server, connections, limits } = options;
  const exchange = new Exchange({ signal: options.signal });
  const timer = setTimeout(
    () =>
      exchange.abort(
        new UpstreamError('timeout', 'it did not list its tools in time'),
      ),
    limits.discoveryTimeoutMs,
  );
  try {
    const rejected: RejectedTool[] = [];
    const connection = await connections.open(server, exchange, rejected);
    try {
      const { era, target } = connection;
      const tools: ToolDescription[] = [];
      const { toolsPerServer } = limits;
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const at = cursor;
        const answer = await exchange.run(() =>
          connection.client.request(
            { method: 'tools/list', params: at ? { cursor: at } : {} },
            { timeout: limits.discoveryTimeoutMs, signal: exchange.signal },
          ),
        );
        for (const tool of answer.tools) {
          tools.push({
            toolName: tool.name,
            title: (tool.title ?? tool.annotations?.title ?? tool.name).trim(),
            description: tool.description?.trim() ?? '',
            inputSchema: tool.inputSchema as Record<string, unknown>,
            outputSchema: tool.outputSchema as
              | Record<string, unknown>
              | undefined,
            annotations: tool.annotations,
          });
        }
        cursor = answer.nextCursor;
        if (
          !cursor ||
          tools.length >= toolsPerServer ||
          exchange.responseBytes > limits.responseBytes
        ) {
          break;
        }
      }
      if (cursor || tools.length > toolsPerServer) {
        rejected.push(
          tools.length < toolsPerServer
            ? {
                name: 'further ones',
                reason: `its list has more than ${limits.responseBytes} bytes or ${MAX_PAGES} pages`,
              }
            : tooMany('further ones', toolsPerServer),
        );
      }
      const usable = tools.slice(0, toolsPerServer).filter(tool => {
        if (target.isBackstageActions && isOwnCall(tool)) {
          return false;
        }
        const bytes = Buffer.byteLength(JSON.stringify(tool));
        const fits = bytes <= limits.toolBytes;
        if (!fits) {
          rejected.push({
            name: tool.toolName,
            reason: `its description and schemas have ${bytes} bytes, and ${limits.toolBytes} are allowed`,
          });
        }
        return fits;
      });
      return {
        era,
        isBackstageActions: target.isBackstageActions,
        tools: usable,
        rejected,
      };
    } finally {
      // What it answered is here; how it takes its leave holds up nobody.
      void connection.close();
    }
  } catch (error) {
    const { signal } = exchange;
    throw toUpstreamError(
      signal.aborted && signal.reason instanceof Error ? signal.reason : error,
    );
  } finally {
    exchange.end();
    clearTimeout(timer);
  }
}

/** With and without the plugin's name before it, as mcp-actions is configured. */
function isOwnCall({ toolName }: ToolDescription): boolean {
  return (
    toolName === CALL_TOOL_ACTION || toolName === `tools.${CALL_TOOL_ACTION}`
  );
}

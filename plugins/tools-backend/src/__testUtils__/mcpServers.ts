import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  McpServer,
  type CallToolResult,
  type Tool,
} from '@modelcontextprotocol/server';
import { McpServer as V1McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { randomUUID } from 'node:crypto';

/** An HTTP server on 127.0.0.1 that stops with the test file. */
export interface Running {
  url: string;
  port: number;
  /** Headers of the requests so far. */
  requests: http.IncomingHttpHeaders[];
  stop(): Promise<void>;
}

const running = new Set<http.Server>();

afterAll(async () => {
  await Promise.all([...running].map(stop));
});

/** Serves a listener under `/mcp`. */
export async function serve(
  listener: RequestListener,
  port: number = 0,
): Promise<Running> {
  const requests: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((req, res) => {
    requests.push(req.headers);
    listener(req, res);
  });
  await new Promise<void>(resolve =>
    server.listen(port, '127.0.0.1', () => resolve()),
  );
  running.add(server);
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    requests,
    stop: () => stop(server),
  };
}

async function stop(server: http.Server) {
  running.delete(server);
  server.closeAllConnections();
  await new Promise<void>(resolve => server.close(() => resolve()));
}

/** What a test server offers. */
export interface Offer {
  tools: unknown[];
  call?: (
    name: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ) => CallToolResult | Promise<CallToolResult>;
}

const echo: NonNullable<Offer['call']> = (name, args) => ({
  content: [{ type: 'text', text: `${name} ${JSON.stringify(args)}` }],
});

/** A server on the v2 SDK, for both eras. The offer may change while it runs. */
export function v2Server(offer: Offer, port?: number): Promise<Running> {
  const handler = createMcpHandler(() => {
    const mcp = new McpServer(
      { name: 'v2', version: '1' },
      { capabilities: { tools: {} } },
    );
    const { server } = mcp;
    server.setRequestHandler('tools/list', ({ params }) => {
      // One tool a page, so that every list is a walk.
      const at = Number(params?.cursor ?? 0);
      return {
        tools: offer.tools.slice(at, at + 1) as Tool[],
        ...(at + 1 < offer.tools.length ? { nextCursor: `${at + 1}` } : {}),
      };
    });
    server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
      (offer.call ?? echo)(params.name, params.arguments ?? {}, mcpReq.signal),
    );
    return mcp;
  });
  const node = toNodeHandler(handler);
  return serve((req, res) => void node(req, res), port);
}

/** A server on the v1 SDK with sessions, as most servers today. */
export async function v1Server(
  offer: Offer,
): Promise<Running & { sessions: Set<string>; forget(): void }> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const sessions = new Set<string>();
  const running1 = await serve(async (req, res) => {
    const id = req.headers['mcp-session-id'] as string | undefined;
    let transport = id ? transports.get(id) : undefined;
    if (id && !transport) {
      res.writeHead(404).end();
      return;
    }
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: session => {
          sessions.add(session);
          transports.set(session, transport!);
        },
      });
      const mcp = new V1McpServer(
        { name: 'v1', version: '1' },
        { capabilities: { tools: {} } },
      );
      const { server } = mcp;
      server.setRequestHandler(ListToolsRequestSchema, () => ({
        tools: offer.tools as never,
      }));
      server.setRequestHandler(
        CallToolRequestSchema,
        async ({ params }, { signal }) =>
          (await (offer.call ?? echo)(
            params.name,
            params.arguments ?? {},
            signal,
          )) as never,
      );
      await mcp.connect(transport);
    }
    await transport.handleRequest(req, res);
  });
  return {
    ...running1,
    sessions,
    // As a server that was started again.
    forget: () => transports.clear(),
  };
}

/** A tool without arguments or hints. */
export const plain = (name: string) => ({
  name,
  inputSchema: { type: 'object' },
});

/** A tool that reads orders. */
export const findOrder = {
  name: 'find_order',
  title: 'Find an order',
  description: 'Finds an order by its number or by the name of the customer.',
  inputSchema: {
    type: 'object',
    properties: {
      orderId: { type: 'string', description: 'Number of the order' },
      limit: { type: 'integer', maximum: 50 },
    },
    required: ['orderId'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true },
};

/** A tool that destroys. */
export const cancelOrder = {
  name: 'cancel_order',
  title: 'Cancel an order',
  description: 'Cancels an order for good and refunds it.',
  inputSchema: {
    type: 'object',
    properties: { orderId: { type: 'string' } },
  },
  annotations: { destructiveHint: true },
};

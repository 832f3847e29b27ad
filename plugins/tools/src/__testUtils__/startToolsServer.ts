import type { ServerSummary, Tool } from '@agentportal/plugin-tools-common';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A tool as the backend describes it; a test says what matters to it. */
export function tool(name: string, fields: Partial<Tool> = {}): Tool {
  const [server, toolName] = name.split('.');
  return {
    ref: `tool:default/${name}`,
    name,
    title: toolName,
    description: `What ${toolName} does`,
    serverRef: `api:default/${server}`,
    toolName,
    ownerRef: 'group:default/customer-care',
    riskTier: 'read',
    status: 'available',
    inputSchema: { type: 'object', properties: {} },
    lastChangedAt: '2026-11-01T08:00:00Z',
    lastSeenAt: '2026-11-22T08:00:00Z',
    allowed: true,
    stats30d: { calls: 0, errors: 0, rehearsed: 0 },
    ...fields,
  };
}

const SERVER: ServerSummary = {
  ref: 'api:default/orders',
  name: 'orders',
  title: 'Orders',
  url: 'http://127.0.0.1/mcp',
  status: 'up',
  toolCount: 2,
};

/** What a test decides: the tools that there are, and what happens when they are asked for. */
export interface ToolsServerState {
  tools: Tool[];
  servers: ServerSummary[];
  /** The list answers 500 while this is set. */
  broken: boolean;
  /** What a call answers, by tool name. */
  answers: Record<string, { status?: number; body: unknown }>;
  /** Arguments of the calls that arrived. */
  calls: Array<{ name: string; arguments: Record<string, unknown> }>;
  /** Queries of the lists that were asked for. */
  lists: URLSearchParams[];
}

/** An HTTP server that speaks the contract of the tools backend. */
export async function startToolsServer() {
  const state: ToolsServerState = {
    tools: [],
    servers: [SERVER],
    broken: false,
    answers: {},
    calls: [],
    lists: [],
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (pathname === '/servers') {
      return send(200, { items: state.servers });
    }
    if (pathname === '/tools') {
      state.lists.push(searchParams);
      if (state.broken) return send(500, problem(500, 'database is locked'));
      const items = state.tools.filter(each => fits(each, searchParams));
      return send(200, { items, totalItems: items.length });
    }
    const [, , name, call] = pathname.split('/');
    const found = state.tools.find(each => each.name === name);
    if (!found) return send(404, problem(404, `No tool ${name}`));
    if (!call) return send(200, found);
    let text = '';
    for await (const chunk of request) text += chunk;
    state.calls.push({ name, arguments: JSON.parse(text).arguments });
    const answer = state.answers[name];
    return answer
      ? send(answer.status ?? 200, answer.body)
      : send(200, { content: [], isError: false, durationMs: 1 });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** An error in Backstage's envelope. */
export function problem(statusCode: number, message: string) {
  const name = statusCode === 403 ? 'NotAllowedError' : 'Error';
  return {
    error: { name, message },
    request: { method: 'GET', url: '/' },
    response: { statusCode },
  };
}

function fits(each: Tool, query: URLSearchParams) {
  const q = query.get('q');
  const risk = query.get('riskTier');
  const server = query.get('server');
  return (
    (!q || `${each.title} ${each.description}`.includes(q)) &&
    (!risk || each.riskTier === risk) &&
    (!server || each.serverRef === server)
  );
}

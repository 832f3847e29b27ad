import type {
  AuditEntry,
  AuditHold,
  AuditStats,
} from '@agentportal/plugin-governance-common';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An entry as the backend describes it; a test says what matters to it. */
export function entry(
  seq: number,
  fields: Partial<AuditEntry> = {},
): AuditEntry {
  return {
    id: `entry-${seq}`,
    tenant: 'default',
    seq,
    time: '2026-11-28T10:00:00.000Z',
    recordedAt: '2026-11-28T10:00:00.000Z',
    source: 'plugin:tools',
    type: 'tool-call',
    action: 'tool.call',
    actor: { type: 'agent', ref: 'agent:default/order-desk' },
    agentRef: 'agent:default/order-desk',
    outcome: 'succeeded',
    sentence: `Sentence ${seq}.`,
    ...fields,
  };
}

/** What a test decides, and what it looks at afterwards. */
export interface AuditServerState {
  entries: AuditEntry[];
  stats: AuditStats;
  holds: AuditHold[];
  /** How many empty pages come before the first entries. */
  emptyPages: number;
  pageSize: number;
  /** Status of every answer while it is set. */
  fails?: 403 | 409 | 500;
  /** Queries of the lists that were asked for. */
  lists: URLSearchParams[];
  /** Queries of the exports. */
  exports: URLSearchParams[];
  /** Bodies of what was sent, by method and path. */
  sent: Array<{ asks: string; body: any }>;
}

const NAMES = {
  403: 'NotAllowedError',
  409: 'ConflictError',
  500: 'Error',
} as const;

/** An HTTP server that speaks the contract of the audit log. */
export async function startAuditServer() {
  const state: AuditServerState = {
    entries: [],
    stats: { days: [], types: [], outcomes: [], agents: [] },
    holds: [],
    emptyPages: 0,
    pageSize: 2,
    lists: [],
    exports: [],
    sent: [],
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const asks = `${request.method} ${pathname}`;
    const send = (status: number, answer: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    };
    if (request.method === 'POST') {
      state.sent.push({ asks, body: await bodyOf(request) });
    }
    if (state.fails) {
      return send(state.fails, {
        error: {
          name: NAMES[state.fails],
          message:
            state.fails === 403
              ? 'You may not read the audit log'
              : 'A legal hold is on them',
        },
        response: { statusCode: state.fails },
      });
    }
    const [, what, id, verb] = pathname.split('/');
    if (what === 'stats') return send(200, state.stats);
    if (what === 'public-keys') return send(200, { keys: [] });
    if (what === 'entries' && !id) {
      state.lists.push(searchParams);
      const at = Number(searchParams.get('cursor') ?? 0);
      if (at < state.emptyPages) {
        return send(200, { items: [], nextCursor: String(at + 1) });
      }
      const start = at - state.emptyPages;
      const items = state.entries.slice(start, start + state.pageSize);
      return send(200, {
        items,
        ...(start + state.pageSize < state.entries.length && {
          nextCursor: String(at + state.pageSize),
        }),
      });
    }
    const found = state.entries.find(each => each.id === id);
    if (what === 'entries' && found) {
      return send(200, {
        entry: found,
        text: JSON.stringify(found),
        proof: {
          leafHash: 'bGVhZg',
          hashes: [],
          head: {
            tenant: 'default',
            size: 1000,
            root: 'cm9vdA',
            time: '2026-11-28T10:01:00.000Z',
            keyId: 'key-1',
            signature: 'c2ln',
          },
        },
      });
    }
    if (what === 'runs') {
      return send(200, {
        items: state.entries.filter(({ runId }) => runId === id),
      });
    }
    if (what === 'export') {
      state.exports.push(searchParams);
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      return response.end('{"kind":"header"}\n');
    }
    if (what === 'holds' && request.method === 'GET') {
      return send(200, { items: state.holds });
    }
    if (what === 'holds' && verb === 'release') {
      const hold = state.holds.find(each => each.id === id)!;
      Object.assign(hold, {
        releasedAt: '2026-11-28T10:00:00.000Z',
        releaseReason: state.sent.at(-1)!.body.reason,
      });
      return send(200, hold);
    }
    if (what === 'holds') {
      const hold = {
        id: 'hold-1',
        tenant: 'default',
        createdBy: 'user:default/priya.raman',
        createdAt: '2026-11-28T10:00:00.000Z',
        ...state.sent.at(-1)!.body,
      };
      state.holds.unshift(hold);
      return send(201, hold);
    }
    if (what === 'erasures') return send(200, { entries: 12 });
    return send(404, { error: { name: 'NotFoundError', message: 'Not here' } });
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

async function bodyOf(request: IncomingMessage): Promise<any> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return text ? JSON.parse(text) : undefined;
}

import type {
  KeySummary,
  NewKey,
  RateLimitSummary,
} from '@agentportal/plugin-models-common';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key as the backend describes it; a test says what matters to it. */
export function key(
  title: string,
  fields: Partial<KeySummary> = {},
): KeySummary {
  return {
    id: title.toLocaleLowerCase('en-US').replace(/\W/g, '').padEnd(16, '0'),
    title,
    ownerRef: 'group:default/care',
    models: ['builtin/extractive'],
    state: 'active',
    createdAt: '2026-11-01T00:00:00.000Z',
    createdBy: 'user:default/dana',
    updatedAt: '2026-11-01T00:00:00.000Z',
    expiresAt: '2099-01-01T00:00:00.000Z',
    secrets: [{ hint: 'ap_…_…beef', createdAt: '2026-11-01T00:00:00.000Z' }],
    month: { calls: 12, costNanoUsd: 2_500_000_000 },
    editable: true,
    ...fields,
  };
}

/** What a test decides, and what it looks at afterwards. */
export interface KeysServerState {
  keys: KeySummary[];
  rateLimits: RateLimitSummary[];
  /** Whether the caller may make keys. */
  mayCreate: boolean;
  /** Whether the caller may see no key at all. */
  forbidden: boolean;
  /** Everything answers 500 while this is set. */
  broken: boolean;
  /** Bodies of what was sent, by method and path. */
  sent: Array<{ asks: string; body: any }>;
}

/** An HTTP server that speaks the contract of keys and what belongs to them. */
export async function startKeysServer() {
  const state: KeysServerState = {
    keys: [],
    rateLimits: [],
    mayCreate: true,
    forbidden: false,
    broken: false,
    sent: [],
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const asks = `${request.method} ${pathname}`;
    const body = await bodyOf(request);
    if (request.method !== 'GET') {
      state.sent.push({ asks, body });
    }
    const send = (status: number, answer: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    };
    const [, , id, verb] = pathname.split('/');
    const at = state.keys.findIndex(each => each.id === id);
    const change = (fields: Partial<KeySummary>) => {
      state.keys[at] = { ...state.keys[at], ...fields };
      return state.keys[at];
    };
    if (state.broken) {
      return send(500, {
        error: { name: 'Error', message: 'database is locked' },
        request: { method: request.method, url: pathname },
        response: { statusCode: 500 },
      });
    }
    if (asks === 'GET /keys' && state.forbidden) {
      return send(403, {
        error: {
          name: 'NotAllowedError',
          message:
            'You may not see keys; ask for the permission models.key.read.',
        },
        request: { method: request.method, url: pathname },
        response: { statusCode: 403 },
      });
    }
    if (asks === 'GET /keys') {
      const wanted = searchParams.get('state');
      return send(200, {
        items: state.keys.filter(
          each =>
            each.title.includes(searchParams.get('q') ?? '') &&
            (!wanted || each.state === wanted),
        ),
        mayCreate: state.mayCreate,
      });
    }
    if (asks === 'POST /keys') {
      const { budget: _, rateLimits: __, ...terms } = body as NewKey;
      state.keys.unshift(key(terms.title, terms));
      return send(201, { key: state.keys[0], secret: 'ap_made-just-now' });
    }
    if (asks === 'GET /rate-limits') {
      return send(200, { items: state.rateLimits });
    }
    if (asks === 'GET /budgets') {
      return send(200, { items: [], mayCreate: false });
    }
    if (asks === 'GET /models') {
      return send(200, {
        items: [
          { id: 'builtin/extractive', title: 'Extractive', type: 'chat' },
        ],
      });
    }
    if (verb === 'history') {
      return send(200, {
        items: [
          {
            id: 1,
            at: '2026-11-01T00:00:00.000Z',
            by: 'user:default/dana',
            action: 'created',
          },
        ],
      });
    }
    if (verb === 'rotate') {
      return send(200, { key: state.keys[at], secret: 'ap_made-by-rotation' });
    }
    if (verb === 'revoke') {
      return send(200, change({ state: 'revoked', secrets: [] }));
    }
    if (request.method === 'PATCH' && at >= 0) {
      return send(200, change(body));
    }
    return at >= 0 ? send(200, state.keys[at]) : send(404, {});
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

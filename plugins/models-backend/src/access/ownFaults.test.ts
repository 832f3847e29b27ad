import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { databases } from '../__testUtils__/startModels';
import modelsPlugin from '../index';

jest.setTimeout(60_000);

type Behaviour = 'ok' | 'error' | 'slow';

/** The parts of a portal that the gateway asks, each of which can fail. */
class FakePortal {
  readonly behaviour: Record<string, Behaviour> = {};
  readonly #keys = new Map<string, { private: KeyObject; jwk: object }>();
  #server?: Server;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const plugin = request.url!.split('/')[2];
      const behaviour = this.behaviour[plugin] ?? 'ok';
      if (behaviour === 'slow') {
        return;
      }
      response.setHeader('content-type', 'application/json');
      const isKeys = request.url!.endsWith('jwks.json');
      if (behaviour === 'error') {
        response.writeHead(500).end('{"error":{"message":"Boom"}}');
      } else if (isKeys && ['auth', 'orchestration'].includes(plugin)) {
        const keys = [...this.#keys.values()].map(({ jwk }) => jwk);
        response.end(JSON.stringify({ keys }));
      } else {
        response.writeHead(404).end('{}');
      }
    });
    await new Promise<void>(resolve => {
      this.#server!.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server!.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server!.closeAllConnections();
    await new Promise(resolve => {
      this.#server!.close(resolve);
    });
  }

  /** Signs a token with a key of its own, so that nobody has that key yet. */
  issue(
    claims: object,
    typ = 'vnd.backstage.user',
    expiresInSeconds = 600,
  ): string {
    const kid = `key-${this.#keys.size}`;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#keys.set(kid, {
      private: pair.privateKey,
      jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256' },
    });
    const now = Math.floor(Date.now() / 1000);
    const part = (json: object) =>
      Buffer.from(JSON.stringify(json)).toString('base64url');
    const body = `${part({ alg: 'ES256', typ, kid })}.${part({
      iat: now - 700,
      exp: now + expiresInSeconds,
      uip: 'proof',
      ...claims,
    })}`;
    const signature = sign('sha256', Buffer.from(body), {
      key: pair.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${body}.${signature.toString('base64url')}`;
  }

  ofUser(expiresInSeconds?: number): string {
    return this.issue(
      { sub: 'user:default/guest', aud: 'backstage' },
      'vnd.backstage.user',
      expiresInSeconds,
    );
  }

  ofPlugin(sub: string): string {
    return this.issue({ sub, aud: 'models' }, 'vnd.backstage.plugin');
  }
}

describe('a fault of our own is never told as bad credentials', () => {
  const portal = new FakePortal();
  let backend: Awaited<ReturnType<typeof startTestBackend>>;

  beforeAll(async () => {
    await portal.start();
    backend = await startTestBackend({
      features: [
        modelsPlugin,
        mockServices.database.factory({
          knex: await databases.init('SQLITE_3'),
        }),
        // The real services, with a portal that is somewhere else.
        authServiceFactory,
        httpAuthServiceFactory,
        permissionsServiceFactory,
        createServiceFactory({
          service: coreServices.discovery,
          deps: {},
          factory: () => ({
            getBaseUrl: async plugin => `${portal.url}/api/${plugin}`,
            getExternalBaseUrl: async plugin => `${portal.url}/api/${plugin}`,
          }),
        }),
        mockServices.rootConfig.factory({
          data: {
            permission: { enabled: true },
            models: { detectOllama: false },
          },
        }),
      ],
    });
    portal.behaviour.permission = 'error';
  });

  afterAll(async () => {
    await backend?.stop();
    await portal.stop();
  });

  afterEach(() => {
    for (const plugin of ['auth', 'orchestration', 'catalog']) {
      portal.behaviour[plugin] = 'ok';
    }
  });

  const ask = async (token: string) => {
    const { port } = backend.server.address() as AddressInfo;
    const response = await fetch(
      `http://127.0.0.1:${port}/api/models/openai/v1/chat/completions`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({
          model: 'builtin/extractive',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      },
    );
    const { error } = (await response.json()) as { error: { code: string } };
    return { status: response.status, code: error?.code };
  };
  /** The permission backend is away in all of this, so this is how far it gets. */
  const AUTHENTICATED = { status: 503, code: 'access_unavailable' };
  const BAD = { status: 401, code: 'authentication_required' };
  const AWAY = { status: 503, code: 'authentication_unavailable' };

  it('takes a good token, and says so when nobody can decide what it may', async () => {
    expect(await ask(portal.ofUser())).toEqual(AUTHENTICATED);
  });

  it('refuses tokens that are bad while the keys are there', async () => {
    const [header, payload] = portal.ofUser().split('.');
    const forged = [header, payload, portal.ofUser().split('.')[2]].join('.');
    expect(await ask(forged)).toEqual(BAD);
    expect(await ask(forged)).toEqual(BAD);
    expect(await ask(portal.ofUser(-120))).toEqual(BAD);
    expect(await ask('no token at all')).toEqual(BAD);
    expect(await ask('ey.ey.ey')).toEqual(BAD);
  });

  it('does not call a token bad while the keys answer with an error', async () => {
    const token = portal.ofUser();
    portal.behaviour.auth = 'error';
    expect(await ask(token)).toEqual(AWAY);
    // Not even one that has been over for long is a reason to ask.
    expect(await ask(portal.ofUser(-120))).toEqual(BAD);
    portal.behaviour.auth = 'ok';
    expect(await ask(token)).toEqual(AUTHENTICATED);
  });

  it('does not call a token bad while the keys do not answer', async () => {
    const token = portal.ofUser();
    portal.behaviour.auth = 'slow';
    expect(await ask(token)).toEqual(AWAY);
  });

  it('does not call a token bad while the portal is down', async () => {
    const token = portal.ofUser();
    await portal.stop();
    expect(await ask(token)).toEqual(AWAY);
    await portal.start();
    expect(await ask(token)).toEqual(AUTHENTICATED);
  });

  it('tells the same of the tokens of other plugins', async () => {
    const token = portal.ofPlugin('orchestration');
    portal.behaviour.orchestration = 'error';
    expect(await ask(token)).toEqual(AWAY);
    expect(await ask(portal.ofPlugin('nobody'))).toEqual(BAD);
    portal.behaviour.orchestration = 'ok';
    expect((await ask(token)).code).not.toBe('authentication_unavailable');
  });

  it('takes no agent for a bad one while nobody can say whether it may act', async () => {
    portal.behaviour.agents = 'error';
    const ofAgent = portal.issue({
      sub: 'agent:default/order-help',
      aud: 'backstage',
    });
    expect(await ask(ofAgent)).toEqual({
      status: 503,
      code: 'access_unavailable',
    });
  });
});

import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import {
  AuthenticationError,
  InputError,
  ResponseError,
} from '@backstage/errors';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import express from 'express';
import createKnex from 'knex';
import request from 'supertest';
import { createOpenApiRouter } from './createOpenApiRouter';
import { OutageAwareHttpAuth } from './OutageAwareHttpAuth';

jest.setTimeout(30_000);

const spec = {
  openapi: '3.1.0',
  info: { title: 'agents', version: '1' },
  servers: [{ url: '/' }],
  paths: {
    '/suspend': {
      post: {
        operationId: 'suspend',
        responses: { 200: { description: 'ok' } },
      },
    },
  },
};
interface Operations {
  suspend: { responses: { 200: { content: { 'application/json': {} } } } };
}

function answerOf(
  work: () => Promise<unknown>,
  httpAuth: HttpAuthService = mockServices.httpAuth(),
  token?: string,
) {
  const app = express()
    .use(
      createOpenApiRouter<Operations>({
        spec,
        httpAuth,
        handlers: {
          suspend: async () => {
            await work();
            return {};
          },
        },
      }),
    )
    .use(mockErrorHandler());
  const call = request(app).post('/suspend');
  return token ? call.set('authorization', `Bearer ${token}`) : call;
}

const portOf = (server: { address(): unknown }) =>
  (server.address() as AddressInfo).port;

describe('a database that is away', () => {
  /** Asks a PostgreSQL at a port. */
  const query = (port: number) => async () => {
    const knex = createKnex({
      client: 'pg',
      // So that it does not ask for it.
      version: '18',
      connection: { host: '127.0.0.1', port, user: 'any', database: 'any' },
      pool: { min: 0, max: 1 },
      acquireConnectionTimeout: 1_000,
    });
    try {
      await knex('agent_states');
    } finally {
      await knex.destroy();
    }
  };

  it('is a 503, whether it refuses, hangs up, dies or says nothing', async () => {
    const hangsUp = createTcpServer(socket => socket.destroy());
    // Takes a connection, and dies of what it is asked.
    const dies = createTcpServer(socket => {
      socket.once('data', () => {
        socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1'));
        socket.once('data', () => socket.destroy());
      });
    });
    // Longer than anybody waits for it.
    const silent = createTcpServer(socket => {
      setTimeout(() => socket.destroy(), 2_000);
    });
    for (const server of [hangsUp, dies, silent]) {
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    }
    const refuses = createTcpServer();
    await new Promise<void>(done => refuses.listen(0, '127.0.0.1', done));
    const ports = [hangsUp, dies, silent, refuses].map(portOf);
    await new Promise(done => refuses.close(done));
    for (const port of ports) {
      const { status, body } = await answerOf(query(port));
      expect([status, body.error.name]).toEqual([
        503,
        'ServiceUnavailableError',
      ]);
      expect(body.error.message).toMatch(/Try again in a moment/);
    }
    hangsUp.close();
    dies.close();
    silent.close();
  });

  it.each([
    ['is being stopped', { code: '57P01' }],
    ['has no connection left', { code: '53300' }],
    ['hung up', { message: 'Connection terminated unexpectedly' }],
  ])('is a 503 when it %s', async (_, error) => {
    const { status } = await answerOf(async () => {
      throw Object.assign(new Error('any'), error);
    });
    expect(status).toBe(503);
  });

  it.each([500, 401])(
    'is a 503 when another plugin answers %s for it',
    async status => {
      const answered = await answerOf(async () => {
        throw await ResponseError.fromResponse(new Response('', { status }));
      });
      expect(answered.status).toBe(503);
    },
  );

  it('is not what a handler has words for, and not what is broken', async () => {
    const { status } = await answerOf(async () => {
      throw new InputError(
        'The server refuses connections.',
        Object.assign(new Error('any'), { code: 'ECONNREFUSED' }),
      );
    });
    expect(status).toBe(400);
    const broken = await answerOf(async () => {
      throw new Error('select "x" - column "x" does not exist');
    });
    expect(broken.status).toBe(500);
  });
});

describe('keys that are away', () => {
  let server: Server;
  let keys: object[] | undefined;
  let good: KeyObject;

  const requested: string[] = [];

  beforeAll(async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    good = pair.privateKey;
    keys = [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1' }];
    server = createServer(({ url }, response) => {
      requested.push(String(url));
      response.statusCode = keys ? 200 : 500;
      if (url?.includes('/made-up')) {
        response.statusCode = 404;
      }
      response.end(JSON.stringify({ keys }));
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  });

  afterAll(() => server.close());

  function tokenOf(
    kid: string,
    claims: { typ: string; sub: string } = {
      typ: 'vnd.backstage.user',
      sub: 'user:default/dana',
    },
  ) {
    const part = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = part({ typ: claims.typ, alg: 'ES256', kid });
    const body = part({
      sub: claims.sub,
      exp: Date.now() / 1000 + 60,
    });
    const signed = `${head}.${body}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), good).toString(
      'base64url',
    )}`;
  }

  /** Backstage's, which refuses in the same way whatever is wrong, some times. */
  function httpAuth(refusals = Infinity) {
    let left = refusals;
    const refused = new WeakSet();
    return new OutageAwareHttpAuth({
      httpAuth: mockServices.httpAuth.mock({
        credentials: (async (asked: object) => {
          if (refused.has(asked) || left > 0) {
            left -= 1;
            refused.add(asked);
            throw new AuthenticationError('Failed user token verification');
          }
          return mockCredentials.user('user:default/dana');
        }) as never,
      }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async plugin =>
          `http://127.0.0.1:${portOf(server)}/api/${plugin}`,
      }),
      config: mockServices.rootConfig(),
    });
  }

  const ask = (token: string, refusals?: number) =>
    answerOf(async () => {}, httpAuth(refusals), token);

  it('are a 503, and a bad token is a 401', async () => {
    const kept = keys;
    keys = undefined;
    const away = await ask(tokenOf('k1'));
    expect(away.status).toBe(503);
    expect(away.body.error.message).toMatch(/cannot check tokens/);
    keys = kept;
    expect((await ask(tokenOf('other'))).status).toBe(401);
    // Its key is there, and Backstage says twice that it is none of it.
    expect((await ask(tokenOf('k1'))).status).toBe(401);
    expect((await ask('no.token')).status).toBe(401);
  });

  it('are not looked for wherever somebody says that they are', async () => {
    const auth = httpAuth();
    const refusalOf = (token: string) =>
      auth
        .credentials({
          headers: { authorization: `Bearer ${token}` },
        } as never)
        .then(
          () => undefined,
          (error: Error) => error.name,
        );
    expect(await refusalOf(tokenOf('other'))).toBe('AuthenticationError');
    requested.length = 0;
    const refusals = await Promise.all([
      ...Array.from({ length: 60 }, (_, i) =>
        refusalOf(
          tokenOf('k', { typ: 'vnd.backstage.plugin', sub: `made-up-${i}` }),
        ),
      ),
      // Who has shown keys is asked as before, whatever others make up.
      refusalOf(tokenOf('other')),
    ]);
    expect(refusals.pop()).toBe('AuthenticationError');
    expect(new Set(refusals)).toEqual(
      new Set(['AuthenticationError', 'ServiceUnavailableError']),
    );
    const strangers = requested.filter(url => url.includes('/made-up'));
    expect(strangers.length).toBeGreaterThan(0);
    expect(strangers.length).toBeLessThanOrEqual(12);
  });

  it('are asked for once more when they have come meanwhile', async () => {
    expect((await ask(tokenOf('k1'), 1)).status).toBe(200);
  });
});

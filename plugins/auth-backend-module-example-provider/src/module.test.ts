import { request } from 'node:http';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import authPlugin from '@backstage/plugin-auth-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import authModuleExampleProvider from './index';

const ELIN = 'user:default/elin';
const PAGE = { 'x-requested-with': 'XMLHttpRequest' };
const CHOSEN = { ...PAGE, 'x-example-person': ELIN };

const ENTITIES: Entity[] = [
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'elin', description: 'Answers customers.' },
    spec: { profile: { displayName: 'Elin', email: 'elin@acme.example' } },
    relations: [{ type: 'memberOf', targetRef: 'group:default/care' }],
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'dario' },
    spec: {},
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'boss' },
    spec: {},
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'care', title: 'Customer Care' },
    spec: { type: 'team', children: [] },
  },
];

async function startAuth(
  config: {
    auth?: object;
    listen?: object | string;
  } = {},
) {
  const backend = await startTestBackend({
    features: [
      authPlugin,
      authModuleExampleProvider,
      catalogServiceMock.factory({ entities: ENTITIES }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost:3000' },
          backend: {
            baseUrl: 'http://localhost:7007',
            listen: config.listen ?? { host: '127.0.0.1', port: 0 },
          },
          auth: config.auth ?? {
            providers: { example: { people: [ELIN, 'user:default/dario'] } },
          },
        },
      }),
    ],
  });
  /** As a browser or a program asks; `fetch` would not let us choose the host. */
  const ask = (
    path: 'people' | 'refresh',
    headers: Record<string, string>,
    method = 'GET',
  ) =>
    new Promise<{ status: number; body: any }>((resolve, reject) => {
      const call = request(
        {
          host: '127.0.0.1',
          port: backend.server.port(),
          path: `/api/auth/example/${path}`,
          method,
          headers,
        },
        response => {
          let text = '';
          response.setEncoding('utf8').on('data', part => {
            text += part;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode!, body: JSON.parse(text) }),
          );
        },
      );
      call.once('error', reject);
      call.end();
    });
  return { ask, stop: () => backend.stop() };
}

describe('the sign-in of the example company', () => {
  let portal: Awaited<ReturnType<typeof startAuth>>;

  afterEach(() => portal.stop());

  it('lists who can be chosen, and what they do', async () => {
    portal = await startAuth();
    await expect(portal.ask('people', PAGE)).resolves.toEqual({
      status: 200,
      body: {
        items: [
          {
            userEntityRef: ELIN,
            displayName: 'Elin',
            team: 'Customer Care',
            description: 'Answers customers.',
          },
          {
            userEntityRef: 'user:default/dario',
            displayName: 'dario',
            team: null,
            description: '',
          },
        ],
      },
    });
  });

  it.each(['GET', 'POST'])(
    'issues the identity of the chosen person (%s)',
    async method => {
      portal = await startAuth();
      const { status, body } = await portal.ask('refresh', CHOSEN, method);
      expect(status).toBe(200);
      expect(body.profile).toEqual({
        displayName: 'Elin',
        email: 'elin@acme.example',
      });
      expect(body.backstageIdentity.identity.userEntityRef).toBe(ELIN);
      const [, payload] = body.backstageIdentity.token.split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub).toBe(
        ELIN,
      );
    },
  );

  it('takes nobody who is not in its list', async () => {
    portal = await startAuth();
    for (const [person, status, words] of [
      ['user:default/boss', 403, 'Nobody can sign in as user:default/boss'],
      ['group:default/care', 403, 'Nobody can sign in as group:default/care'],
      [':elin', 400, 'holds no entity ref'],
      ['', 400, 'Say in the header x-example-person who signs in'],
    ] as const) {
      const answer = await portal.ask('refresh', {
        ...PAGE,
        'x-example-person': person,
      });
      expect(answer.status).toBe(status);
      expect(answer.body.error.message).toContain(words);
    }
  });

  it.each([
    ['a host that is not this machine', { host: 'evil.test:7007' }],
    ['a host that is none', { host: '[oops' }],
    ['somebody behind a proxy', { 'x-forwarded-for': '10.0.0.1' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a form of another site', { 'x-requested-with': '' }],
  ])('refuses %s', async (_, headers) => {
    portal = await startAuth();
    for (const path of ['people', 'refresh'] as const) {
      const answer = await portal.ask(path, { ...CHOSEN, ...headers });
      expect(answer.status).toBe(403);
      expect(answer.body.error.name).toBe('NotAllowedError');
      expect(answer.body.backstageIdentity).toBeUndefined();
    }
  });

  it.each([
    ['every address', { host: '0.0.0.0', port: 0 }],
    ['no address in particular', { port: 0 }],
    ['a port only', '0'],
  ])('refuses everybody where the portal listens on %s', async (_, listen) => {
    portal = await startAuth({ listen });
    const { status, body } = await portal.ask('refresh', CHOSEN);
    expect(status).toBe(403);
    expect(body.error.message).toContain('answers other machines too');
  });

  it('refuses everybody in production', async () => {
    portal = await startAuth({
      auth: {
        environment: 'production',
        providers: { example: { people: [ELIN] } },
      },
    });
    for (const path of ['people', 'refresh'] as const) {
      const { status, body } = await portal.ask(path, CHOSEN);
      expect(status).toBe(403);
      expect(body.error.message).toContain('runs in production');
    }
  });

  it('refuses everybody where NODE_ENV is production', async () => {
    const before = process.env.NODE_ENV;
    (process.env as Record<string, string | undefined>).NODE_ENV = 'production';
    try {
      portal = await startAuth();
      expect((await portal.ask('refresh', CHOSEN)).status).toBe(403);
    } finally {
      (process.env as Record<string, string | undefined>).NODE_ENV = before;
    }
  });

  it('is not there where it is not configured', async () => {
    portal = await startAuth({ auth: { providers: {} } });
    for (const path of ['people', 'refresh'] as const) {
      expect((await portal.ask(path, CHOSEN)).status).toBe(404);
    }
  });
});

import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { startPortal } from './__testUtils__/startPortal';

jest.setTimeout(120_000);

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const TRIAGE = 'agent:default/triage';

describe('a token endpoint whose database is away', () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let knex: Knex;
  let credentials: { client_id: string; client_secret: string };

  beforeAll(async () => {
    portal = await startPortal({
      features: [
        createBackendModule({
          pluginId: 'auth',
          moduleId: 'database-of-the-test',
          register(env) {
            env.registerInit({
              deps: { database: coreServices.database },
              async init({ database }) {
                knex = await database.getClient();
              },
            });
          },
        }),
      ],
    });
    const response = await fetch(
      `${portal.url}/api/agents/agents/default/triage/credentials`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await portal.personToken()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ title: 'CI' }),
      },
    );
    const { secret } = await response.json();
    credentials = { client_id: TRIAGE, client_secret: secret };
  });
  afterAll(() => portal?.stop());
  afterEach(() => jest.restoreAllMocks());

  function cutOff() {
    jest.spyOn(knex.client, 'acquireConnection').mockRejectedValue(
      Object.assign(new Error('connect ECONNREFUSED'), {
        code: 'ECONNREFUSED',
      }),
    );
  }

  /** Of a key that nobody has seen, as each is once. */
  function tokenOf(typ: string, claims: object) {
    const part = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    return [
      part({ alg: 'ES256', typ, kid: 'of-another-replica' }),
      part({ iat: now, exp: now + 300, ...claims }),
      Buffer.alloc(64, 1).toString('base64url'),
    ].join('.');
  }
  const userToken = () =>
    tokenOf('vnd.backstage.user', { sub: TRIAGE, aud: 'backstage' });

  async function post(path: string, form: object, bearer?: string) {
    const response = await fetch(`${portal.issuer}${path}`, {
      method: 'POST',
      headers: bearer ? { authorization: `Bearer ${bearer}` } : {},
      body: new URLSearchParams({ ...(!bearer && credentials), ...form }),
    });
    const { error, active } = await response.json();
    return { status: response.status, error: error?.name ?? error, active };
  }
  const AWAY = { status: 503, error: 'temporarily_unavailable' };

  it('says so to whoever asks for a token, and gives one when it is back', async () => {
    const grant = { grant_type: 'client_credentials' };
    expect((await post('/token', grant)).status).toBe(200);
    cutOff();
    expect(await post('/token', grant)).toEqual(AWAY);
    jest.restoreAllMocks();
    expect((await post('/token', grant)).status).toBe(200);
  });

  it('calls no token bad that nobody can check', async () => {
    const exchange = () =>
      post('/token', {
        grant_type: EXCHANGE,
        subject_token: userToken(),
        subject_token_type: ACCESS_TOKEN,
      });
    const introspect = () => post('/introspect', { token: userToken() });
    cutOff();
    expect(await exchange()).toEqual(AWAY);
    expect(await introspect()).toEqual(AWAY);
    expect(await post('/revoke', { token: userToken() })).toEqual(AWAY);
    jest.restoreAllMocks();
    expect(await exchange()).toEqual({ status: 400, error: 'invalid_request' });
    expect(await introspect()).toEqual({ status: 200, active: false });
  });

  it('calls no service a stranger whose keys nobody can get', async () => {
    const service = () =>
      tokenOf('vnd.backstage.plugin', { sub: 'auth', aud: 'auth' });
    const introspect = () =>
      post('/introspect', { token: userToken() }, service());
    const delegated = () => post('/delegations/x/token', {}, service());
    cutOff();
    expect(await introspect()).toEqual(AWAY);
    expect(await delegated()).toEqual({
      status: 503,
      error: 'ServiceUnavailableError',
    });
    jest.restoreAllMocks();
    expect(await introspect()).toEqual({
      status: 401,
      error: 'invalid_client',
    });
    expect((await delegated()).status).toBe(401);
  });
});

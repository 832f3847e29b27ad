import agentPolicy from '@agentportal/plugin-permission-backend-module-agent-policy';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import oidcProvider from '@backstage/plugin-auth-backend-module-oidc-provider';
import permissionPlugin from '@backstage/plugin-permission-backend';
import * as client from 'openid-client';
import { Browser } from './__testUtils__/Browser';
import { CompanyIssuer } from './__testUtils__/CompanyIssuer';
import {
  agentEntity,
  freePort,
  startPortal,
} from './__testUtils__/startPortal';

jest.setTimeout(120_000);

const HELPER = 'agent:default/helper';
const BOUND = 'agent:default/bound';
const DANA = 'user:default/dana';
const PORTAL = { id: 'agent-portal', secret: 'secret-of-the-portal' };
const WORKLOAD = { id: 'claims-robot', secret: 'secret-of-the-robot' };
const LOCATIONS = 'catalog.location.create';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The plugin that asks for the permission of which this is about. */
const locations = createBackendPlugin({
  pluginId: 'locations',
  register(env) {
    env.registerInit({
      deps: { permissions: coreServices.permissionsRegistry },
      async init({ permissions }) {
        permissions.addPermissions([
          { type: 'basic', name: LOCATIONS, attributes: { action: 'create' } },
        ]);
      },
    });
  },
});

const person = (name: string, more: object = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name },
  spec: { profile: { email: `${name}@example.com` }, ...more },
});

describe('a portal whose people sign in at the identity provider of the company', () => {
  let company: CompanyIssuer;
  let portal: Awaited<ReturnType<typeof startPortal>>;

  beforeAll(async () => {
    const port = await freePort();
    const redirectUri = `http://localhost:${port}/api/auth/oidc/handler/frame`;
    const employee = (name: string, verified = true) => ({
      email: `${name}@example.com`,
      email_verified: verified,
      name,
    });
    company = await CompanyIssuer.create({
      employees: {
        dana: employee('dana'),
        newcomer: employee('newcomer'),
        admin: employee('admin'),
        stranger: employee('stranger'),
        // Says to be Dana, and the provider has not looked.
        impostor: { ...employee('dana', false) },
      },
      portal: { ...PORTAL, redirectUri },
      workload: WORKLOAD,
      audience: `http://localhost:${port}/api/auth/agent`,
    });
    portal = await startPortal({
      port,
      entities: [
        person('dana', { memberOf: ['care'] }),
        person('newcomer'),
        person('admin'),
        agentEntity('helper', { identity: 'person' }),
        agentEntity('bound'),
      ].map(entity =>
        entity.metadata.name === 'dana'
          ? {
              ...entity,
              relations: [
                { type: 'memberOf', targetRef: 'group:default/care' },
              ],
            }
          : entity,
      ),
      providers: {
        oidc: {
          development: {
            metadataUrl: `${company.issuer}/.well-known/openid-configuration`,
            clientId: PORTAL.id,
            clientSecret: PORTAL.secret,
            prompt: 'consent',
            additionalScopes: ['offline_access'],
            signIn: {
              resolvers: [{ resolver: 'emailMatchingUserEntityProfileEmail' }],
            },
          },
        },
      },
      workloads: [
        {
          issuer: company.issuer,
          agents: [{ subject: WORKLOAD.id, agent: BOUND }],
        },
      ],
      permission: {
        enabled: true,
        agentPortal: { adminRefs: ['user:default/admin'] },
      },
      features: [
        oidcProvider,
        permissionPlugin,
        agentPolicy,
        locations,
      ] as never[],
    });
  });

  afterAll(async () => {
    await portal?.stop();
    company?.stop();
  });

  /** Goes through the pages of portal and provider; gives what the popup tells the portal's page. */
  async function signIn(login: string, browser = new Browser()) {
    const start = await browser.open(
      `${portal.url}/api/auth/oidc/start?env=development&scope=openid%20profile%20email`,
    );
    const consent = await browser.submit(start, { login, password: 'any' });
    const done = await browser.submit(consent, {});
    const [, message] = /decodeURIComponent\('([^']+)'\)/.exec(done.text)!;
    return JSON.parse(decodeURIComponent(message));
  }

  it('is entered with the account of the company', async () => {
    const browser = new Browser();
    const { response } = await signIn('dana', browser);
    const { token, identity } = response.backstageIdentity;
    expect(identity.userEntityRef).toBe(DANA);
    expect(await portal.who(token)).toMatchObject({
      status: 200,
      body: { owns: [DANA, 'group:default/care'] },
    });
    // Ten minutes later the page renews the session, with the provider's refresh token.
    const renewed = await browser.open(
      `${portal.url}/api/auth/oidc/refresh?env=development`,
      { headers: { 'x-requested-with': 'XMLHttpRequest' } },
    );
    expect(renewed.status).toBe(200);
    const next = JSON.parse(renewed.text).backstageIdentity;
    expect(next.identity.userEntityRef).toBe(DANA);
  });

  it('lets nobody in whom the catalog does not know, or whose address nobody checked', async () => {
    for (const login of ['stranger', 'impostor']) {
      const { response, error } = await signIn(login);
      expect(response).toBeUndefined();
      expect(error.message).toMatch(/sign-in|email/i);
    }
  });

  it('lets an agent act for her, with what both of them may', async () => {
    const [dana, newcomer, admin] = await Promise.all(
      ['dana', 'newcomer', 'admin'].map(tokenOf),
    );
    const { secret } = await ask(
      dana,
      'POST',
      '/api/agents/agents/default/helper/credentials',
      { title: 'A program' },
    );
    const config = await client.discovery(
      new URL(portal.issuer),
      HELPER,
      undefined,
      client.ClientSecretBasic(secret),
      { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
    );
    const actFor = async (subject_token: string) => {
      const tokens = await client.genericGrantRequest(config, EXCHANGE, {
        subject_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      return tokens.access_token;
    };
    const may = async (token: string) => {
      const { items } = await ask(token, 'POST', '/api/permission/authorize', {
        items: [
          {
            id: '1',
            permission: {
              type: 'basic',
              name: LOCATIONS,
              attributes: { action: 'create' },
            },
          },
        ],
      });
      return items[0].result;
    };
    const forDana = await actFor(dana);
    expect((await portal.who(forDana)).body).toMatchObject({
      principal: { userEntityRef: expect.stringMatching(/^delegation:/) },
      owns: [expect.stringMatching(/^delegation:/)],
    });
    // She may, the agent may not.
    expect([await may(dana), await may(forDana)]).toEqual(['ALLOW', 'DENY']);
    await ask(admin, 'POST', '/api/agents/agents/default/helper/grants', {
      permission: LOCATIONS,
      reason: 'It registers what teams ask for.',
    });
    await until(async () => (await may(forDana)) === 'ALLOW');
    // The agent may, somebody without a team may not.
    expect([await may(newcomer), await may(await actFor(newcomer))]).toEqual([
      'DENY',
      'DENY',
    ]);
  });

  it('takes the token of a workload of the same provider, and no token of a person for one', async () => {
    const assertion = await company.workloadToken(WORKLOAD, portal.issuer);
    const grant = async (token: string) => {
      const response = await fetch(`${portal.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: JWT_BEARER, assertion: token }),
      });
      return response.json();
    };
    const { access_token: token } = await grant(assertion);
    expect(await portal.who(token)).toMatchObject({
      status: 200,
      body: { principal: { userEntityRef: BOUND }, owns: [BOUND] },
    });
    const { response } = await signIn('dana');
    expect(await grant(response.providerInfo.idToken)).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining("'aud'"),
    });
  });

  async function tokenOf(login: string): Promise<string> {
    return (await signIn(login)).response.backstageIdentity.token;
  }

  async function ask(
    token: string,
    method: string,
    path: string,
    body: object,
  ) {
    const response = await fetch(`${portal.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return JSON.parse(text);
  }
});

/** Doors know for two seconds what they were told. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 5_000; ; ) {
    if (await holds()) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error('It did not come true within five seconds.');
    }
  }
}

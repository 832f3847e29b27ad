// The real catalog and scaffolder, which know nothing of agents.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import agentKinds from '@agentportal/plugin-catalog-backend-module-agents';
import agentPolicy from '@agentportal/plugin-permission-backend-module-agent-policy';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import scaffolderModel from '@backstage/plugin-catalog-backend-module-scaffolder-entity-model';
import permissionPlugin from '@backstage/plugin-permission-backend';
import scaffolderPlugin from '@backstage/plugin-scaffolder-backend';
import { headerSignIn } from './__testUtils__/headerSignIn';
import { agentEntity, startPortal } from './__testUtils__/startPortal';

jest.setTimeout(180_000);

const DANA = 'user:default/dana';
const NEWCOMER = 'user:default/newcomer';
const ADMIN = 'user:default/admin';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const entity = (kind: string, name: string, spec: object) => ({
  apiVersion:
    kind === 'Template'
      ? 'scaffolder.backstage.io/v1beta3'
      : 'backstage.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
});
const TEMPLATE = entity('Template', 'note', {
  type: 'note',
  owner: 'group:default/care',
  steps: [{ id: 'log', action: 'debug:log', input: { message: 'Hello' } }],
});
const ENTITIES = [
  entity('Group', 'care', { type: 'team', children: [] }),
  entity('User', 'dana', { memberOf: ['care'] }),
  entity('User', 'newcomer', { memberOf: [] }),
  entity('User', 'admin', { memberOf: [] }),
  entity('Component', 'shop', {
    type: 'website',
    lifecycle: 'production',
    owner: 'group:default/care',
  }),
  TEMPLATE,
  agentEntity('desk', { identity: 'person', instructions: 'Help.' }),
];

describe('an agent for a person, before plugins that know nothing of agents', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'deputy-'));
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let secret: string;

  beforeAll(async () => {
    const file = path.join(folder, 'catalog-info.yaml');
    writeFileSync(
      file,
      ENTITIES.map(each => JSON.stringify(each)).join('\n---\n'),
    );
    portal = await startPortal({
      entities: false,
      providers: { test: {} },
      permission: { enabled: true, agentPortal: { adminRefs: [ADMIN] } },
      catalog: {
        rules: [{ allow: ['Group', 'User', 'Component', 'Template', 'Agent'] }],
        locations: [{ type: 'file', target: file }],
      },
      features: [
        catalogPlugin,
        agentKinds,
        scaffolderModel,
        scaffolderPlugin,
        permissionPlugin,
        agentPolicy,
        headerSignIn,
      ] as never[],
    });
    const made = await until(async () => {
      const answer = await ask(
        await tokenOf(DANA),
        'POST',
        '/api/agents/agents/default/desk/credentials',
        { title: 'A program' },
      );
      return answer.status === 201 ? answer.body : undefined;
    });
    secret = made.secret;
  });

  afterAll(async () => {
    await portal?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function tokenOf(ref: string): Promise<string> {
    const response = await fetch(`${portal.url}/api/auth/test/refresh`, {
      method: 'POST',
      headers: { 'x-test-user': ref },
    });
    return (await response.json()).backstageIdentity.token;
  }

  async function ask(
    token: string,
    method: string,
    address: string,
    body?: object,
  ): Promise<{ status: number; body: any }> {
    const response = await fetch(`${portal.url}${address}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? JSON.parse(text) : undefined,
    };
  }

  /** The token of the agent for a person, as a program gets it. */
  async function actFor(ref: string): Promise<string> {
    const response = await fetch(`${portal.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: EXCHANGE,
        client_id: 'agent:default/desk',
        client_secret: secret,
        subject_token: await tokenOf(ref),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
    });
    return (await response.json()).access_token;
  }

  const grant = async (permission: string) =>
    expect(
      await ask(
        await tokenOf(ADMIN),
        'POST',
        '/api/agents/agents/default/desk/grants',
        { permission, reason: 'It does so for teams.' },
      ),
    ).toMatchObject({ status: 201 });

  const dryRun = (token: string) =>
    ask(token, 'POST', '/api/scaffolder/v2/dry-run', {
      template: TEMPLATE,
      values: {},
      secrets: {},
      directoryContents: [],
    });
  const register = (token: string) =>
    ask(token, 'POST', '/api/catalog/locations?dryRun=true', {
      type: 'url',
      target: 'https://example.com/catalog-info.yaml',
    });
  const runTemplate = (token: string) =>
    ask(token, 'POST', '/api/scaffolder/v2/tasks', {
      templateRef: 'template:default/note',
      values: {},
    });

  it('reads what both may read', async () => {
    const found = await ask(
      await actFor(DANA),
      'GET',
      '/api/catalog/entities/by-name/component/default/shop',
    );
    expect(found).toMatchObject({
      status: 200,
      body: { metadata: { name: 'shop' } },
    });
  });

  it('does to what the person owns what both may, and to nothing else', async () => {
    await grant('catalog.entity.refresh');
    const refresh = async (token: string) => {
      const { status } = await ask(token, 'POST', '/api/catalog/refresh', {
        entityRef: 'component:default/shop',
      });
      return status;
    };
    const forDana = await actFor(DANA);
    // The policy asks whose the shop is, which the token does not tell.
    await until(async () => (await refresh(forDana)) === 200 || undefined);
    expect(await refresh(await tokenOf(DANA))).toBe(200);
    const forNewcomer = await actFor(NEWCOMER);
    expect(await refresh(forNewcomer)).not.toBe(200);
    const asksForOwnership = (token: string) =>
      ask(
        token,
        'GET',
        `/api/auth/agent/delegations/${
          JSON.parse(
            Buffer.from(token.split('.')[1], 'base64url').toString(),
          ).sub.split('/')[1]
        }/ownership`,
      );
    expect((await asksForOwnership(forDana)).status).toBe(403);
  });

  it('does not do what the person may and the agent may not', async () => {
    const [dana, forDana] = [await tokenOf(DANA), await actFor(DANA)];
    const { body: shop } = await ask(
      dana,
      'GET',
      '/api/catalog/entities/by-name/component/default/shop',
    );
    const byUid = `/api/catalog/entities/by-uid/${shop.metadata.uid}`;
    expect((await ask(forDana, 'DELETE', byUid)).status).toBe(403);
    expect((await register(forDana)).status).toBe(403);
    expect((await dryRun(forDana)).status).toBe(403);
    expect((await runTemplate(forDana)).status).toBe(403);
    // What she did herself is not for the agent, or whoever owns it, to read.
    const { status, body } = await runTemplate(dana);
    expect(status).toBe(201);
    const task = `/api/scaffolder/v2/tasks/${body.id}`;
    expect((await ask(dana, 'GET', task)).status).toBe(200);
    expect((await ask(forDana, 'GET', task)).status).not.toBe(200);
    // She could have.
    expect((await ask(dana, 'DELETE', byUid)).status).toBe(204);
  });

  it('does not do what the agent may and the person may not', async () => {
    await grant('catalog.location.create');
    const [forDana, forNewcomer] = [await actFor(DANA), await actFor(NEWCOMER)];
    // With both, it is done; whether the address can be read is another matter.
    await until(
      async () => (await register(forDana)).status !== 403 || undefined,
    );
    expect((await register(await tokenOf(NEWCOMER))).status).toBe(403);
    expect((await register(forNewcomer)).status).toBe(403);
  });
});

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const found = await find().catch(() => undefined);
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error('It did not come true within a minute.');
    }
    await new Promise(done => {
      setTimeout(done, 250);
    });
  }
}

import {
  keyCreatePermission,
  keyManagePermission,
  keyReadPermission,
  modelUsePermission,
} from '@agentportal/plugin-models-common';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { createKeyConditionalDecision, keyConditions } from '../access/rules';
import {
  createModelConditionalDecision,
  modelConditions,
} from '../access/rules';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { keyRequests } from '../__testUtils__/keyRequests';
import { databases, startModels } from '../__testUtils__/startModels';
import { KEY_VERSION, KEYS } from './tables';

jest.setTimeout(120_000);

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };
const ofCare = (permission: typeof keyReadPermission) =>
  createKeyConditionalDecision(
    permission,
    keyConditions.isKeyOwner({
      claims: ['user:default/dana', 'group:default/care'],
    }),
  );

describe('rights on keys', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let everyones: Awaited<ReturnType<typeof startModels>>;
  const policy = new Map<string, PolicyDecision>();

  beforeAll(async () => {
    fake = await FakeProvider.create();
    const knex = await databases.init('SQLITE_3');
    models = await startModels({
      fake,
      knex,
      features: [
        mockServices.permissions.mock({
          authorize: async queries =>
            queries.map(() => ({ result: AuthorizeResult.ALLOW })),
          authorizeConditional: async queries =>
            queries.map(
              ({ permission }) => policy.get(permission.name) ?? allow,
            ),
        }).factory,
      ],
    });
    everyones = await startModels({ fake, knex });
  });

  beforeEach(() => {
    policy.clear();
    for (const permission of [
      keyReadPermission,
      keyCreatePermission,
      keyManagePermission,
    ]) {
      policy.set(permission.name, ofCare(permission));
    }
  });

  afterAll(async () => {
    await everyones?.stop();
    await models?.stop();
    await fake?.close();
  });

  it('lets people see and manage the keys of their groups, and no others', async () => {
    const { send } = keyRequests(models.url);
    const { create } = keyRequests(everyones.url);
    const mine = await create();
    const theirs = await create({ ownerRef: 'group:default/finance' });
    const { body } = await send('GET', '/keys');
    expect(body.items.map((key: any) => [key.id, key.editable])).toEqual([
      [mine.key.id, true],
    ]);
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/history'],
      ['POST', '/rotate'],
      ['POST', '/revoke'],
    ]) {
      const { status } = await send(
        method,
        `/keys/${theirs.key.id}${path}`,
        path === '/rotate' ? {} : undefined,
      );
      expect([path, status]).toEqual([path, 404]);
    }
    policy.set(keyManagePermission.name, deny);
    const revoke = await send('POST', `/keys/${mine.key.id}/revoke`);
    expect(revoke.status).toBe(403);
    expect(revoke.body.error.message).toContain('models.key.manage');
    policy.set(keyReadPermission.name, deny);
    expect((await send('GET', '/keys')).status).toBe(403);
  });

  it('says whether the caller may make keys, of an owner or at all', async () => {
    const { send } = keyRequests(models.url);
    const mayCreate = async (query = '') =>
      (await send('GET', `/keys${query}`)).body.mayCreate;
    expect(await mayCreate()).toBe(true);
    expect(await mayCreate('?ownerRef=group:default/care')).toBe(true);
    expect(await mayCreate('?ownerRef=group:default/finance')).toBe(false);
    policy.set(keyCreatePermission.name, deny);
    expect(await mayCreate()).toBe(false);
  });

  it('tells of keys by their costs only to whoever may see them', async () => {
    const { send } = keyRequests(models.url);
    const { chat, create } = keyRequests(everyones.url);
    const mine = await create();
    const theirs = await create({ ownerRef: 'group:default/finance' });
    for (const { secret } of [mine, theirs]) {
      expect((await chat(secret)).status).toBe(200);
    }
    const keysOfCalls = async () => {
      const { body } = await send('GET', '/calls?limit=100');
      return new Set(body.items.map((call: any) => call.keyId));
    };
    const read = async (path: string) => {
      const response = await fetch(`${models.url}${path}`, {
        headers: { authorization: `Bearer ${mockCredentials.user.token()}` },
      });
      return { status: response.status, text: await response.text() };
    };
    const csv = `/costs/focus.csv?from=${new Date()
      .toISOString()
      .slice(0, 10)}`;
    for (;;) {
      if ((await keysOfCalls()).has(mine.key.id)) {
        break;
      }
    }
    expect(await keysOfCalls()).not.toContain(theirs.key.id);
    expect((await read(csv)).text).toContain(mine.key.id);
    const asked = [
      '/costs?groupBy=key',
      '/costs?groupBy=day&splitBy=key',
      `/costs?groupBy=day&keyId=${mine.key.id}`,
      `/costs/forecast?keyId=${mine.key.id}`,
      `${csv}&keyId=${mine.key.id}`,
    ];
    const statuses = () =>
      Promise.all(asked.map(async path => (await read(path)).status));
    expect(await statuses()).toEqual([200, 200, 200, 200, 200]);
    const foreign = await send(
      'GET',
      `/costs?groupBy=day&keyId=${theirs.key.id}`,
    );
    expect(foreign.status).toBe(404);

    // As the policy has it for guests: costs, but no keys.
    policy.set(keyReadPermission.name, deny);
    expect(await statuses()).toEqual([403, 403, 403, 403, 403]);
    expect(await keysOfCalls()).toEqual(new Set([undefined]));
    expect((await read(csv)).text).not.toContain(mine.key.id);
    const { body } = await send('GET', '/costs?groupBy=model');
    expect(body.totals.calls).toBeGreaterThan(1);
  });

  it('makes keys for the groups of the caller, booked on their systems', async () => {
    const { send } = keyRequests(models.url);
    const asked = {
      title: 'Report',
      ownerRef: 'group:default/care',
      models: ['fake/good'],
    };
    expect((await send('POST', '/keys', asked)).status).toBe(201);
    const foreign = await send('POST', '/keys', {
      ...asked,
      ownerRef: 'group:default/finance',
    });
    expect(foreign.status).toBe(403);
    expect(foreign.body.error.message).toContain('models.key.create');
    const system = await send('POST', '/keys', {
      ...asked,
      systemRef: 'system:default/ledger',
    });
    expect(system.status).toBe(403);
    expect(system.body.error.message).toContain(
      'which belongs to group:default/finance',
    );
  });

  it('gives no key more than its maker may use', async () => {
    const { send, create } = keyRequests(models.url);
    policy.set(
      modelUsePermission.name,
      createModelConditionalDecision(
        modelUsePermission,
        modelConditions.hasProvider({ providers: ['fake'] }),
      ),
    );
    const refused = async (names: string[]) => {
      const { body, status } = await send('POST', '/keys', {
        title: 'Report',
        ownerRef: 'group:default/care',
        models: names,
      });
      return `${status} ${body.error.message}`;
    };
    expect(await refused(['claude/claude-fake'])).toMatch(
      /403 You may not use claude\/claude-fake yourself/,
    );
    expect(await refused(['balanced'])).toMatch(
      /403 .*balanced, which it is part of/,
    );
    expect(await refused(['*'])).toMatch(/403 .*name the models instead/);
    const { key } = await create({ models: ['fake/good'] });
    const widened = await send('PATCH', `/keys/${key.id}`, {
      models: ['fake/good', 'claude/claude-fake'],
    });
    expect(widened.status).toBe(403);
    policy.set(modelUsePermission.name, deny);
    // What it has may stay; only what comes to it is asked about.
    const renamed = await send('PATCH', `/keys/${key.id}`, {
      title: 'Renamed',
      models: ['fake/good'],
    });
    expect(renamed.status).toBe(200);
  });

  it('answers 503, never 401, while it cannot look keys up', async () => {
    const { create } = keyRequests(models.url);
    const { chat } = keyRequests(everyones.url);
    const known = await create();
    const fresh = await create();
    expect((await chat(known.secret)).status).toBe(200);
    await models.knex.schema.renameTable(KEYS, 'away');
    const unread = await chat(fresh.secret);
    expect(unread.status).toBe(503);
    expect(unread.body.error.code).toBe('gateway_unavailable');
    await models.knex.schema.renameTable('away', KEYS);

    await models.knex.schema.renameTable(KEY_VERSION, 'away');
    let last;
    do {
      last = await chat(known.secret);
    } while (last.status === 200);
    expect(last.status).toBe(503);
    await models.knex.schema.renameTable('away', KEY_VERSION);
    expect((await chat(known.secret)).status).toBe(200);
    expect((await chat(fresh.secret)).status).toBe(200);
  });
});

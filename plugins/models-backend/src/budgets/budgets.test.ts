// Agents are approved for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { usdToNano } from '@agentportal/plugin-agents-common';
import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { ModelsClient } from '@agentportal/plugin-models-common';
import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
} from '@backstage/plugin-permission-common';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, ENTITIES, startModels } from '../__testUtils__/startModels';
import { budgetConditions } from '../access/rules';
import { LedgerNames } from '../ledger/LedgerNames';
import { createApprovedBudgets } from './approvedBudgets';
import type { BudgetScope } from './budget';
import { BudgetStore } from './BudgetStore';
import { readCatalogBudgets } from './codeBudgets';
import { LimitsForEach } from './LimitsForEach';
import { nanoToUsd } from './usd';
import { windowEnd, windowStart } from './windows';

jest.setTimeout(60_000);

const token = mockCredentials.user.token();
const USER = { type: 'user' as const, ref: 'user:default/mock' };

describe.each(databases.eachSupportedId())('budgets on %s', databaseId => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: ModelsClient;

  async function start(
    options: Partial<Parameters<typeof startModels>[0]> = {},
  ) {
    models = await startModels({
      fake,
      databaseId,
      ...options,
      models: { budgetWaitSeconds: 0, ...options.models },
    });
    client = new ModelsClient({
      discoveryApi: { getBaseUrl: async () => models.url },
    });
  }

  async function chat(body: object, by = token) {
    const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${by}` },
      body: JSON.stringify({
        messages: [{ role: 'user', content: 'Hello' }],
        ...body,
      }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await response.json(),
    };
  }

  beforeAll(async () => {
    fake = await FakeProvider.create();
  });

  afterEach(async () => {
    await models?.stop();
  });

  afterAll(async () => {
    await fake.close();
  });

  it('is made, changed and deleted, with its history', async () => {
    await start();
    const made = await client.createBudget(
      { scope: USER, window: 'month', limitNanoUsd: 5_000_000_000 },
      { token },
    );
    expect(made).toMatchObject({
      scope: USER,
      source: 'api',
      editable: true,
      softThresholds: [0.5, 0.8, 1],
      createdBy: 'user:default/mock',
      usage: {
        spentNanoUsd: 0,
        heldNanoUsd: 0,
        leftNanoUsd: 5_000_000_000,
        renewsAt: expect.stringMatching(/-01T00:00:00.000Z$/),
      },
    });
    await expect(
      client.createBudget(
        { scope: USER, window: 'month', limitNanoUsd: 1 },
        { token },
      ),
    ).rejects.toMatchObject({ statusCode: 409 });
    await client.updateBudget(made.id, { limitNanoUsd: 7 }, { token });
    await client.deleteBudget(made.id, { token });
    await expect(client.getBudget(made.id, { token })).rejects.toMatchObject({
      statusCode: 404,
    });
    expect((await client.listBudgets({}, { token })).items).toEqual([]);
    expect(
      await models.knex('model_budget_changes').orderBy('id').select('action'),
    ).toEqual([
      { action: 'created' },
      { action: 'updated' },
      { action: 'deleted' },
    ]);
    expect(await client.checkBudgets({ token })).toMatchObject({ ok: true });
  });

  it.each([
    [{ scope: { type: 'agent' }, window: 'day', limitNanoUsd: 1 }],
    [
      {
        scope: { type: 'agent', ref: 'group:a/b' },
        window: 'day',
        limitNanoUsd: 1,
      },
    ],
    [
      {
        scope: { type: 'model', ref: 'balanced' },
        window: 'day',
        limitNanoUsd: 1,
      },
    ],
    [{ scope: { type: 'organisation' }, window: 'year', limitNanoUsd: 1 }],
    [{ scope: { type: 'organisation' }, window: 'day', limitNanoUsd: -1 }],
  ])('refuses the budget %j', async body => {
    await start();
    await expect(
      client.createBudget(body as any, { token }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  it('refuses a call with 402 and says what to do', async () => {
    await start();
    const { id } = await client.createBudget(
      { scope: USER, window: 'day', limitNanoUsd: 10_000 },
      { token },
    );
    const before = fake.received.length;
    const { status, body, headers } = await chat({
      model: 'fake/good',
      max_tokens: 300,
    });
    expect(status).toBe(402);
    expect(body.error).toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringMatching(
        /budget of user user:default\/mock .* per day\) has 0.00001 USD left.*It renews at .*Ask an administrator/,
      ),
      budget: { id, leftNanoUsd: 10_000, scope: USER, window: 'day' },
    });
    expect(headers.get('x-agent-portal-budget')).toBe(id);
    expect(headers.get('x-agent-portal-budget-left-nano-usd')).toBe('10000');
    expect(fake.received).toHaveLength(before);
  });

  it('falls to a candidate that fits and says so', async () => {
    await start();
    await client.createBudget(
      {
        scope: { type: 'model', ref: 'model:default/fake.good' },
        window: 'day',
        limitNanoUsd: 1,
      },
      { token },
    );
    const { status, headers } = await chat({ model: 'balanced' });
    expect(status).toBe(200);
    expect(headers.get('x-agent-portal-model')).toBe('builtin/extractive');
    expect(
      decodeURIComponent(headers.get('x-agent-portal-route-reason')!),
    ).toContain('fake/good was not called: The budget of model fake/good');
  });

  it('imposes an output limit where a budget needs one, says so, and settles by what was used', async () => {
    await start();
    const { id } = await client.createBudget(
      { scope: USER, window: 'day', limitNanoUsd: 60_000_000 },
      { token },
    );
    const { headers, status } = await chat({ model: 'fake/good' });
    expect(status).toBe(200);
    expect(fake.last.json.max_tokens).toBe(4096);
    expect(
      decodeURIComponent(headers.get('x-agent-portal-route-reason')!),
    ).toContain('at most 4096 tokens');
    expect((await client.getBudget(id, { token })).usage).toMatchObject({
      spentNanoUsd: 2_640_000,
      heldNanoUsd: 0,
    });
    expect(await client.checkBudgets({ token })).toMatchObject({ ok: true });
    // With room for the longest answer nothing is cut.
    await client.updateBudget(id, { limitNanoUsd: 1e12 }, { token });
    await chat({ model: 'fake/good' });
    expect(fake.last.json.max_tokens).toBeUndefined();
  });

  it('leaves requests alone where no budget applies', async () => {
    await start();
    await chat({ model: 'fake/good' });
    expect(fake.last.json.max_tokens).toBeUndefined();
    expect(await models.knex('model_hold_sets')).toEqual([]);
  });

  it('takes budgets from app-config, which the API cannot change', async () => {
    await start({
      models: {
        budgets: [
          { scope: { type: 'organisation' }, window: 'day', limitUsd: '0.50' },
        ],
      },
    });
    const { items } = await client.listBudgets({ source: 'config' }, { token });
    expect(items).toMatchObject([
      { limitNanoUsd: 500_000_000, editable: false, source: 'config' },
    ]);
    await expect(
      client.deleteBudget(items[0].id, { token }),
    ).rejects.toMatchObject({ statusCode: 403 });
  });

  it('gives everybody the limits that an entry of app-config without a ref says', async () => {
    const each = { type: 'user' };
    const scope = { ...each, ref: 'user:default/lea' };
    const config = (limitUsd: string) => ({
      budgets: [
        { scope: each, window: 'day', limitUsd },
        { scope, window: 'day', limitUsd: '0.70' },
      ],
      rateLimits: [{ scope: each, requestsPerMinute: 2 }],
    });
    await start({ models: config('0.50') });
    const by = (name: string) =>
      mockCredentials.user.token(`user:default/${name}`);
    const statuses = async (name: string, calls: number) => {
      const all = [];
      for (let i = 0; i < calls; i += 1) {
        all.push((await chat({ model: 'fake/good' }, by(name))).status);
      }
      return all;
    };
    expect(await statuses('ben', 3)).toEqual([200, 200, 429]);
    expect(await statuses('dana', 1)).toEqual([200]);
    expect(await statuses('lea', 1)).toEqual([200]);
    const limits = async () => {
      const { items } = await client.listBudgets(
        { source: 'config' },
        { token },
      );
      return items
        .map(({ scope: of, limitNanoUsd, usage }) => [
          of.ref,
          limitNanoUsd / 1e9,
          usage.spentNanoUsd > 0,
        ])
        .sort();
    };
    expect(await limits()).toEqual([
      ['user:default/ben', 0.5, true],
      ['user:default/dana', 0.5, true],
      ['user:default/lea', 0.7, true],
    ]);
    // What one writes otherwise holds for those who have it already.
    const store = new BudgetStore({
      db: models.knex,
      names: new LedgerNames(models.knex),
    });
    const terms = (limitNanoUsd: number) => ({
      window: 'day' as const,
      limitNanoUsd,
      softThresholds: [0.5, 0.8, 1],
      by: 'models.budgets[0]',
    });
    const lea = { ...terms(0.7e9), scope: scope as BudgetScope };
    await store.sync('config', [lea], {
      each: [{ ...terms(0.2e9), type: 'user' }],
    });
    expect((await limits()).map(([, usd]) => usd)).toEqual([0.2, 0.2, 0.7]);
    await store.sync('config', [lea]);
    expect(await limits()).toHaveLength(1);
  });

  it('takes monthly budgets from annotations of entities', async () => {
    const entity = (
      kind: string,
      name: string,
      usd: string,
      origin = 'url:https://git.example.com/operator/all.yaml',
    ): Entity => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: {
        name,
        namespace: 'default',
        annotations: {
          'agentportal.dev/monthly-budget-usd': usd,
          [ANNOTATION_ORIGIN_LOCATION]: origin,
        },
      },
      spec: {},
    });
    const catalog = catalogServiceMock({
      entities: [
        entity('Group', 'care', '250'),
        entity('System', 'orders', 'much'),
        entity('Component', 'web', '1'),
        // Anybody may register these; an agent bounds nobody but itself.
        entity('Domain', 'sales', '0', 'url:https://git.example.com/me/x.yaml'),
        entity('Agent', 'own', '3', 'url:https://git.example.com/me/x.yaml'),
        // Without the annotation.
        ...ENTITIES.filter(({ kind }) => kind === 'Agent' || kind === 'Model'),
      ],
    });
    const { streamEntities } = catalog;
    const read: string[] = [];
    jest
      .spyOn(catalog, 'streamEntities')
      .mockImplementation(async function* watched(...args) {
        for await (const page of streamEntities.apply(catalog, args)) {
          read.push(...page.map(({ metadata }) => metadata.name));
          yield page;
        }
      });
    const found = await readCatalogBudgets(
      catalog,
      mockServices.auth(),
      CatalogTrust.fromConfig(
        mockServices.rootConfig({
          data: {
            agents: {
              trustedLocations: ['url:https://git.example.com/operator/**'],
            },
          },
        }),
      ),
    );
    // Of a large catalog only what has the annotation.
    expect(read.sort()).toEqual(['care', 'orders', 'own', 'sales']);
    expect(found.budgets).toMatchObject([
      {
        scope: { type: 'owner', ref: 'group:default/care' },
        window: 'month',
        limitNanoUsd: 250_000_000_000,
      },
      { scope: { type: 'agent', ref: 'agent:default/own' } },
    ]);
    expect(found.problems.join()).toContain(
      'domain:default/sales has a agentportal.dev/monthly-budget-usd, which would bound what others spend',
    );
    expect([...found.unreadable]).toEqual(['system system:default/orders']);

    // What people have approved bounds agents, also those that ask for no budget any more.
    const limitOfOwn = async (approved: Record<string, string>) => {
      const { budgets } = await readCatalogBudgets(
        catalog,
        mockServices.auth(),
        CatalogTrust.fromConfig(mockServices.rootConfig()),
        new Map(Object.entries(approved)),
      );
      return budgets
        .filter(({ scope }) => scope.type === 'agent')
        .map(({ scope, limitNanoUsd }) => [scope.ref, limitNanoUsd / 1e9]);
    };
    expect(
      await limitOfOwn({ 'agent:default/own': '2', 'agent:default/b': '9' }),
    ).toEqual([
      ['agent:default/own', 2],
      ['agent:default/b', 9],
    ]);
    expect(await limitOfOwn({ 'agent:default/own': '4' })).toEqual([
      ['agent:default/own', 3],
    ]);

    await start();
    const store = new BudgetStore({
      db: models.knex,
      names: new LedgerNames(models.knex),
    });
    const [care] = found.budgets;
    expect(await store.sync('catalog', [care])).toEqual({ changed: 1 });
    expect(await store.sync('catalog', [care])).toEqual({ changed: 0 });
    const { items } = await client.listBudgets(
      { source: 'catalog' },
      { token },
    );
    expect(items).toMatchObject([
      { createdBy: 'group:default/care', editable: false },
    ]);
    // A group that has lost its annotation, and then one that misspelt it.
    const keep = new Set(['owner group:default/care']);
    expect(await store.sync('catalog', [], { keep })).toEqual({ changed: 0 });
    // Nor does one go whose entity is away for a moment, however often that is.
    const now = Date.now();
    const graceMs = 600_000;
    const clock = jest.spyOn(Date, 'now');
    const after = async (minutes: number, wanted: typeof found.budgets) => {
      clock.mockReturnValue(now + minutes * 60_000);
      return (await store.sync('catalog', wanted, { graceMs })).changed;
    };
    expect(await after(0, [])).toBe(0);
    expect(await after(9, [])).toBe(0);
    expect(await after(9.5, [care])).toBe(0);
    expect(await after(11, [])).toBe(0);
    expect(await after(20, [])).toBe(0);
    expect(await after(21, [])).toBe(1);
    clock.mockRestore();

    // A catalog that has nothing yet has not said that nobody is limited.
    await expect(
      readCatalogBudgets(
        catalogServiceMock({ entities: [] }),
        mockServices.auth(),
        CatalogTrust.fromConfig(mockServices.rootConfig()),
      ),
    ).rejects.toThrow('The catalog is empty');
  });

  it('asks the agents plugin what was approved, and does not guess while it is away', async () => {
    const agentsDb = await databases.init('SQLITE_3');
    const backend = await startTestBackend({
      features: [
        agentsPlugin,
        catalogServiceMock.factory(),
        mockServices.database.factory({ knex: agentsDb }),
        mockServices.rootConfig.factory({
          data: {
            agents: {
              approvals: {
                matrix: [
                  { when: { kind: 'publication' }, approvers: 'sponsor' },
                ],
              },
            },
          },
        }),
      ],
    });
    try {
      const row = { origin: '', digest: '', definition: '{}' };
      await agentsDb('agent_publications').insert(
        Array.from({ length: 120 }, (_, i) => ({
          ...row,
          agent_ref: `agent:default/a${i}`,
          annotations: i % 2 ? '{}' : '{"monthlyBudgetUsd":"7"}',
          published_at: 1,
          seen_at: Date.now(),
        })),
      );
      const { port } = backend.server.address() as { port: number };
      const approvedBudgets = (
        path: string,
        pluginIds: string[] = [],
        { hasAny = async () => false, now = Date.now } = {},
      ) =>
        createApprovedBudgets({
          hasAny,
          now,
          auth: mockServices.auth({ pluginId: 'models' }),
          discovery: mockServices.discovery.mock({
            getBaseUrl: async () => `http://127.0.0.1:${port}/api/${path}`,
          }),
          instance: {
            getId: () => 'one',
            getInstalledPlugins: async () =>
              pluginIds.map(pluginId => ({ pluginId, modules: [] })),
          },
        });
      const asking = (...args: Parameters<typeof approvedBudgets>) =>
        approvedBudgets(...args)();
      expect((await asking('agents')).size).toBe(60);
      expect((await asking('not-there')).size).toBe(0);
      // Where budgets are in force, it may only be starting on another host.
      let at = 0;
      const away = approvedBudgets('not-there', [], {
        hasAny: async () => true,
        now: () => at,
      });
      await expect(away()).rejects.toThrow('nobody knows');
      at = 10 * 60_000;
      expect((await away()).size).toBe(0);
      await expect(asking('not-there', ['agents'])).rejects.toThrow(
        'nobody knows which budgets were approved',
      );
    } finally {
      await backend.stop();
    }
  });

  it('asks the policy, also by the owner of the scope', async () => {
    const only = (claims: string[]): ConditionalPolicyDecision => ({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'models',
      resourceType: 'models-budget',
      conditions: budgetConditions.isBudgetScopeOwner({ claims }),
    });
    await start({
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async queries =>
            queries.map(({ permission }) =>
              permission.name === 'models.budget.write'
                ? only(['group:default/care'])
                : { result: AuthorizeResult.ALLOW },
            ),
        }).factory,
      ],
    });
    const limit = { window: 'day' as const, limitNanoUsd: 1 };
    const owned = await client.createBudget(
      { scope: { type: 'owner', ref: 'care' }, ...limit },
      { token },
    );
    expect(owned).toMatchObject({
      scope: { ref: 'group:default/care' },
      editable: true,
    });
    await expect(
      client.createBudget(
        { scope: { type: 'organisation' }, ...limit },
        { token },
      ),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});

it('makes what everybody has once for all calls that begin together', async () => {
  const made = new Set<string>();
  const make = jest.fn(async (ref: string) => {
    await new Promise(setImmediate);
    made.add(ref);
  });
  const limits = new LimitsForEach(
    [{ type: 'user', isThere: ref => made.has(ref), make }],
    async () => {},
  );
  const ben = { userRef: 'user:default/ben' };
  const lea = { userRef: 'user:default/lea' };
  await Promise.all([ben, lea, ben].map(each => limits.ensure(each)));
  expect(make.mock.calls).toEqual([[ben.userRef], [lea.userRef]]);
  expect(limits.ensure(ben)).toBeUndefined();
  // What could not be made is tried again by the next call.
  made.clear();
  make.mockRejectedValueOnce(new Error('The database is away'));
  await expect(limits.ensure(ben)).rejects.toThrow('away');
  await limits.ensure(ben);
  expect(made.size).toBe(1);
});

describe('money and windows', () => {
  it.each([
    ['25', 25_000_000_000],
    ['0.5', 500_000_000],
    ['0.000000001', 1],
    ['', undefined],
    ['-1', undefined],
    ['1e3', undefined],
  ])('reads %j dollars as %s', (text, nano) => {
    expect(usdToNano(text)).toBe(nano);
  });

  it('writes dollars exactly', () => {
    expect(nanoToUsd(1)).toBe('0.000000001 USD');
    expect(nanoToUsd(25_500_000_000)).toBe('25.50 USD');
  });

  it('cuts windows in UTC', () => {
    const at = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
    expect(windowStart('month', at)).toBe(Date.UTC(2026, 11, 1));
    expect(windowEnd('month', Date.UTC(2026, 11, 1))).toBe(
      Date.UTC(2027, 0, 1),
    );
    expect(windowStart('day', at)).toBe(Date.UTC(2026, 11, 31));
    expect(windowStart('hour', at)).toBe(Date.UTC(2026, 11, 31, 23));
    expect(windowStart('total', at)).toBe(0);
    expect(windowEnd('total', 0)).toBeUndefined();
  });
});

import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())(
  'management API on %s',
  databaseId => {
    const actions = actionsRegistryServiceMock();
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let client: ModelsClient;

    const token = mockCredentials.user.token();

    beforeAll(async () => {
      fake = await FakeProvider.create();
      models = await startModels({
        fake,
        databaseId,
        onLookUp: ref => {
          // As the client of the catalog does with what it cannot encode.
          if (ref.includes('😀')) {
            throw new URIError('malformed uri');
          }
        },
        features: [
          createServiceFactory({
            service: actionsRegistryServiceRef,
            deps: {},
            factory: () => actions,
          }),
        ],
      });
      client = new ModelsClient({
        discoveryApi: { getBaseUrl: async () => models.url },
      });
      for (let i = 0; i < 3; i += 1) {
        await fetch(`${models.url}/openai/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify({
            model: i === 0 ? 'builtin/extractive' : 'fake/good',
            messages: [{ role: 'user', content: 'Hello' }],
          }),
        });
      }
    });

    afterAll(async () => {
      await models?.stop();
      await fake.close();
    });

    it('stores no budget of what cannot be looked up, and lists in spite of one', async () => {
      const scope = { type: 'agent' as const, ref: 'agent:default/😀' };
      await expect(
        client.createBudget(
          { scope, window: 'month', limitNanoUsd: 1 },
          { token },
        ),
      ).rejects.toMatchObject({ statusCode: 400 });
      await expect(
        client.createRateLimit(
          { scope, measure: 'requests', limit: 1 },
          { token },
        ),
      ).rejects.toMatchObject({ statusCode: 400 });
      expect(await models.knex('model_budgets')).toEqual([]);
      const kept = await client.createBudget(
        {
          scope: { ...scope, ref: 'agent:default/order-help' },
          window: 'month',
          limitNanoUsd: 1_000_000_000,
        },
        { token },
      );
      // As an older version may have taken it.
      await models
        .knex('model_budgets')
        .where({ id: kept.id })
        .update({ scope_ref: scope.ref });
      const { items } = await client.listBudgets({}, { token });
      expect(items).toMatchObject([{ id: kept.id, ownerRefs: [] }]);
      await client.deleteBudget(kept.id, { token });
    });

    it('refuses what is no ref of an entity', async () => {
      for (const path of [
        '/budgets?scopeType=domain&scopeRef=0%2F%2F',
        '/costs/forecast?systemRef=(a%2B)%2B%24',
        '/costs?groupBy=day&agentRef=%2F',
        '/costs/focus.csv?ownerRef=a:b:c',
        '/calls?agentRef=-1',
        '/rate-limits?scopeType=agent&scopeRef=%F0%9F%98%80',
        '/cache?agentRef=%2F',
      ]) {
        const { body, status } = await models.get(path);
        expect([path, status]).toEqual([path, 400]);
        expect(body.error.message).toMatch(/Ref` must/);
      }
    });

    it('serves the typed client', async () => {
      const page = await client.listModels({ q: 'good chat' }, { token });
      expect(page.items).toEqual([]);
      const good = await client.getModel('fake/good', { token });
      expect(good.ref).toBe('model:default/fake.good');
      expect(
        (await client.getModel('model:default/fake.good', { token })).id,
      ).toBe('fake/good');
      const route = await client.getModel('balanced', { token });
      expect(route.route?.candidates).toEqual([
        { id: 'fake/broken', available: true },
        { id: 'fake/good', available: true },
        { id: 'builtin/extractive', available: true },
      ]);
      const routes = await client.listModels({ type: 'route' }, { token });
      expect(routes.items.map(model => model.id)).toEqual([
        'balanced',
        'keyless',
        'unlucky',
      ]);
      const providers = await client.listProviders({ limit: 1 }, { token });
      expect(providers).toMatchObject({
        items: [{ id: 'builtin', baseUrl: 'in-process' }],
        nextCursor: expect.any(String),
      });
      const calls = await client.listCalls({ limit: 2 }, { token });
      expect(calls.items).toHaveLength(2);
      const rest = await client.listCalls(
        { limit: 2, cursor: calls.nextCursor },
        { token },
      );
      expect(rest.items).toHaveLength(1);
      expect(rest.nextCursor).toBeUndefined();
    });

    it('sums costs by model and day, in pages', async () => {
      const day = new Date().toISOString().slice(0, 10);
      const costs = await client.getCosts(
        { groupBy: 'model', splitBy: 'day', limit: 1 },
        { token },
      );
      expect(costs.items).toEqual([
        {
          key: 'fake/good',
          split: day,
          calls: 2,
          inputTokens: 2000,
          outputTokens: 400,
          costNanoUsd: 5_280_000,
          cachedCalls: 0,
          savedNanoUsd: { cache: 0, routing: 0, compression: 0 },
        },
      ]);
      expect(costs.totals).toMatchObject({ calls: 3, costNanoUsd: 5_280_000 });
      const next = await client.getCosts(
        {
          groupBy: 'model',
          splitBy: 'day',
          limit: 1,
          cursor: costs.nextCursor,
        },
        { token },
      );
      expect(next.items).toMatchObject([
        { key: 'builtin/extractive', costNanoUsd: 0 },
      ]);
      expect(next.nextCursor).toBeUndefined();
    });

    it.each([
      ['/costs', 400],
      ['/costs?groupBy=colour', 400],
      ['/costs?groupBy=day&from=yesterday', 400],
      ['/costs?groupBy=day&from=2026-11-02&to=2026-11-01', 400],
      ['/costs?groupBy=day&from=2020-01-01T00:00:00Z&to=2020-02-01', 200],
      ['/calls?limit=0', 400],
      ['/calls?limit=ten', 400],
      ['/calls?surprise=1', 400],
    ])('answers %s with %d', async (path, status) => {
      expect((await models.get(path)).status).toBe(status);
    });

    it('offers every operation as a truthful action', async () => {
      const credentials = mockCredentials.user();
      // Those of the agents plugin, which is there too, say in their names what they are about.
      const list = (await actions.list()).actions.filter(
        ({ name }) => !/\b(agents?|approvals?|approvers|question)\b/.test(name),
      );
      expect(list.map(action => action.name).sort()).toEqual([
        'check-budgets',
        'create-budget',
        'create-model-key',
        'create-model-rate-limit',
        'delete-budget',
        'delete-model-rate-limit',
        'forecast-costs',
        'get-answer-cache',
        'get-budget',
        'get-costs',
        'get-model',
        'get-model-key',
        'get-route',
        'list-budgets',
        'list-calls',
        'list-complexity-calibrations',
        'list-model-keys',
        'list-model-prices',
        'list-model-rate-limits',
        'list-models',
        'list-providers',
        'list-routes',
        'preview-route',
        'purge-answer-cache',
        'record-call-outcome',
        'revert-route',
        'revoke-model-key',
        'rotate-model-key',
        'save-route',
        'update-budget',
        'update-model-key',
        'update-model-rate-limit',
      ]);
      expect(
        list
          .filter(action => !action.attributes.readOnly)
          .map(action => [action.name, action.attributes.destructive])
          .sort(),
      ).toEqual([
        ['create-budget', false],
        ['create-model-key', false],
        ['create-model-rate-limit', false],
        ['delete-budget', true],
        ['delete-model-rate-limit', true],
        ['purge-answer-cache', true],
        ['record-call-outcome', false],
        ['revert-route', true],
        ['revoke-model-key', true],
        ['rotate-model-key', true],
        ['save-route', true],
        ['update-budget', true],
        ['update-model-key', true],
        ['update-model-rate-limit', true],
      ]);
      const invoke = async (name: string, input: any) =>
        (
          await actions.invoke({
            id: list.find(action => action.name === name)!.id,
            input,
            credentials,
          })
        ).output as any;
      expect(
        (await invoke('get-costs', { groupBy: 'user' })).items[0],
      ).toMatchObject({ key: 'user:default/mock', calls: 3 });
      expect((await invoke('list-models', { q: 'good' })).items[0].id).toBe(
        'fake/good',
      );
      expect((await invoke('get-model', { id: 'balanced' })).model.type).toBe(
        'route',
      );
      expect((await invoke('list-providers', {})).items).toHaveLength(3);
      expect((await invoke('list-calls', { limit: 1 })).items).toHaveLength(1);
    });
  },
);

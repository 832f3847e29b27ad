import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import { databases } from '../__testUtils__/databases';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { parseCsv } from '../__testUtils__/parseCsv';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const token = mockCredentials.user.token();

describe.each(databases.eachSupportedId())('costs on %s', databaseId => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: ModelsClient;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({ fake, databaseId });
    client = new ModelsClient({
      discoveryApi: { getBaseUrl: async () => models.url },
    });
    for (let i = 0; i < 2; i += 1) {
      await fetch(`${models.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({
          model: 'fake/good',
          messages: [{ role: 'user', content: `Hello ${i}` }],
        }),
      });
    }
  });

  afterAll(async () => {
    await models?.stop();
    await fake.close();
  });

  it('exports as much as it shows, to the nano-USD', async () => {
    const { totals } = await client.getCosts({ groupBy: 'model' }, { token });
    expect(totals.costNanoUsd).toBeGreaterThan(0);
    const response = await fetch(`${models.url}/costs/focus.csv`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="focus-\d{4}-\d{2}-01-to-\d{4}-\d{2}-\d{2}\.csv"$/,
    );
    const rows = parseCsv(await response.text());
    expect(
      rows.reduce(
        (sum, row) => sum + Math.round(Number(row.BilledCost) * 1e9),
        0,
      ),
    ).toBe(totals.costNanoUsd);
    expect(
      rows.reduce((sum, row) => sum + Number(row.ConsumedQuantity), 0),
    ).toBe(totals.inputTokens + totals.outputTokens);
    expect(rows[0]).toMatchObject({
      ProviderName: 'fake',
      ResourceId: 'fake/good',
      // The price of the catalog: a dollar per million.
      ListUnitPrice: '1',
    });
    expect(JSON.parse(rows[0].Tags)).toEqual({
      'agentportal.dev/user': 'user:default/mock',
    });
  });

  it('gives the same export to the typed client', async () => {
    const stream = await client.exportFocus(
      { model: 'fake/none', granularity: 'hour', from: daysAgo(2) },
      { token },
    );
    const text = await new Response(stream).text();
    expect(text).toMatch(/^BilledCost,BillingAccountId,/);
    expect(parseCsv(text)).toEqual([]);
  });

  it.each([
    ['/costs/focus.csv?granularity=minute', 400],
    ['/costs/focus.csv?from=2020-01-01', 400],
    ['/costs/focus.csv?surprise=1', 400],
    ['/costs/forecast?from=2020-01-01', 400],
    ['/costs?groupBy=key&keyId=none', 200],
  ])('answers %s with %d', async (path, status) => {
    expect((await models.get(path)).status).toBe(status);
  });

  it('forecasts the month, and knows its budget', async () => {
    const before = await client.forecastCosts({}, { token });
    expect(before.method.id).toBe('too-little-data');
    expect(before.forecastNanoUsd).toBeUndefined();

    const call = await models.knex('model_calls').orderBy('created_at').first();
    for (let back = 1; back <= 20; back += 1) {
      await models.knex('model_calls').insert({
        ...call,
        id: `back${back}-1`,
        created_at: Date.now() - back * DAY_MS,
        cost_nano_usd: 1_000_000_000,
        // They hold nothing any more.
        held_nano_usd: null,
      });
    }
    await client.createBudget(
      {
        scope: { type: 'organisation' },
        window: 'month',
        limitNanoUsd: 900_000_000_000,
      },
      { token },
    );
    const found = await client.forecastCosts({}, { token });
    expect(found.method).toMatchObject({ id: 'weekday-run-rate', days: 20 });
    expect(found.budgetNanoUsd).toBe(900_000_000_000);
    expect(found.lowNanoUsd).toBeLessThanOrEqual(found.forecastNanoUsd!);
    expect(found.highNanoUsd).toBeGreaterThanOrEqual(found.forecastNanoUsd!);
    expect(found.forecastNanoUsd).toBeGreaterThanOrEqual(
      found.monthToDateNanoUsd,
    );
    // An agent has no budget of its own here.
    const agent = await client.forecastCosts(
      { agentRef: 'agent:default/order-help' },
      { token },
    );
    expect(agent.budgetNanoUsd).toBeUndefined();
    expect(agent.monthToDateNanoUsd).toBe(0);
  });

  it('lists budgets by what is left of them, page by page', async () => {
    const limit = (type: 'model' | 'user', ref: string, usd: number) =>
      client.createBudget(
        {
          scope: { type, ref },
          window: 'total',
          limitNanoUsd: usd * 1_000_000_000,
        },
        { token },
      );
    await limit('model', 'fake/broken', 1);
    await limit('model', 'fake/good', 40);
    await limit('user', 'user:default/mock', 25);
    const shares: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listBudgets(
        { order: 'nearest', limit: 1, ...(cursor && { cursor }) },
        { token },
      );
      expect(page.mayCreate).toBe(true);
      const [{ limitNanoUsd, usage }] = page.items;
      shares.push((usage.spentNanoUsd + usage.heldNanoUsd) / limitNanoUsd);
      cursor = page.nextCursor;
    } while (cursor);
    expect(shares).toHaveLength(4);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares[0]).toBeGreaterThan(0.5);
    const found = await client.listBudgets({ q: 'MODEL good' }, { token });
    expect(found.items.map(({ scope }) => scope.ref)).toEqual(['fake/good']);
  });
});

describe('costs without the permission', () => {
  it('are neither shown nor exported', async () => {
    const fake = await FakeProvider.create();
    const models = await startModels({
      fake,
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async requests =>
            requests.map(({ permission }) => ({
              result:
                permission.name === 'models.cost.read'
                  ? AuthorizeResult.DENY
                  : AuthorizeResult.ALLOW,
            })),
        }).factory,
      ],
    });
    try {
      for (const path of [
        '/costs?groupBy=day',
        '/costs/forecast',
        '/costs/focus.csv',
      ]) {
        const { status, body } = await models.get(path);
        expect([path, status]).toEqual([path, 403]);
        expect(body.error.message).toContain('models.cost.read');
      }
    } finally {
      await models.stop();
      await fake.close();
    }
  });
});

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

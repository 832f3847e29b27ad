import type { Price } from '@agentportal/model-gateway';
import {
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import { parseCsv } from '../__testUtils__/parseCsv';
import { databases } from '../__testUtils__/databases';
import { queryCosts } from '../ledger/costs';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { CALLS } from '../ledger/tables';
import { csvLine } from './csv';
import { dollars, quotient } from './decimal';
import { type FocusRequest, focusLines } from './focusLines';
import { splitCost } from './splitCost';

jest.setTimeout(60_000);

const DAY = Date.UTC(2026, 10, 2);
const NOVEMBER = { from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 11, 1) };
const PRICE: Price = {
  input: { nanoUsdPerMillion: 3_000_000_000 },
  output: { nanoUsdPerMillion: 15_000_000_000 },
  cacheRead: { nanoUsdPerMillion: 300_000_000 },
  version: 'test 1',
};

/** All columns that FOCUS 1.2 demands of every data set. */
const MANDATORY = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
];

async function setUp(databaseId: TestDatabaseId) {
  const knex = await databases.init(databaseId);
  const ledger = await DatabaseCallLedger.create(
    mockServices.database.mock({
      getClient: async () => knex,
      migrations: {},
    }),
  );
  let count = 0;
  const call = async (more: Record<string, unknown> = {}) => {
    count += 1;
    const {
      model = 'openai/gpt-5.1',
      agent,
      owner,
      user,
      ...columns
    } = more as Record<string, string>;
    await knex(CALLS).insert({
      id: `c${count}-1`,
      created_at: DAY + count,
      status: 'succeeded',
      provider_id: await ledger.names.idOf(model.split('/')[0]),
      model_id: await ledger.names.idOf(model),
      price_version_id: await ledger.names.idOf('test 1'),
      agent_id: await ledger.names.idOf(agent),
      owner_id: await ledger.names.idOf(owner),
      user_id: await ledger.names.idOf(user),
      ...columns,
    });
  };
  const text = async (request: Partial<FocusRequest> = {}) => {
    let all = '';
    const lines = focusLines(
      {
        ledger,
        account: { id: 'default', name: 'Acme, "Inc"' },
        priceOf: model => (model.startsWith('openai/') ? PRICE : undefined),
        withUsers: true,
        withKeys: true,
      },
      { ...NOVEMBER, granularity: 'day', ...request },
    );
    for await (const line of lines) {
      all += line;
    }
    return all;
  };
  return { ledger, knex, call, text };
}

/** Exact sum of decimals as nano-USD. */
function nano(values: string[]): bigint {
  return values.reduce((sum, value) => {
    const [whole, part = ''] = value.split('.');
    expect(part.length).toBeLessThanOrEqual(9);
    return sum + BigInt(whole + part.padEnd(9, '0'));
  }, 0n);
}

describe.each(databases.eachSupportedId())('FOCUS export on %s', databaseId => {
  it('adds up to the ledger to the nano-USD, whatever was called', async () => {
    const { ledger, call, text } = await setUp(databaseId);
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % most;
    };
    for (let i = 0; i < 300; i += 1) {
      await call({
        model: ['openai/gpt-5.1', 'ollama/qwen', 'fake/x'][random(3)],
        agent: [undefined, 'agent:default/a', 'agent:default/b'][random(3)],
        user: `user:default/u${random(4)}`,
        status: random(20) === 0 ? 'unreconciled' : 'succeeded',
        created_at: NOVEMBER.from + random(30 * 86_400) * 1_000,
        input_uncached: random(5_000),
        cache_read: random(900),
        output_text: random(700),
        reasoning: random(3) === 0 ? random(100) : 0,
        output_audio: random(9) === 0 ? random(50) : null,
        cost_nano_usd: random(90_000_000),
      });
    }
    for (const granularity of ['day', 'hour'] as const) {
      const rows = parseCsv(await text({ granularity }));
      const { totals } = await queryCosts(ledger, {
        ...NOVEMBER,
        groupBy: 'day',
        limit: 1,
        offset: 0,
      });
      for (const column of [
        'BilledCost',
        'EffectiveCost',
        'ListCost',
        'ContractedCost',
      ]) {
        expect(nano(rows.map(row => row[column]))).toBe(
          BigInt(totals.costNanoUsd),
        );
      }
      for (const row of rows) {
        // Nothing that must not be null is, and price times quantity is the cost.
        for (const column of MANDATORY) {
          expect([column, row[column] === '']).toEqual([
            column,
            column === 'ChargeClass',
          ]);
        }
        expect(
          Number(row.ListUnitPrice) * Number(row.PricingQuantity),
        ).toBeCloseTo(Number(row.ListCost), 9);
        expect(row.ListUnitPrice).toMatch(/^\d+(\.\d+)?$/);
        expect(
          Date.parse(row.ChargePeriodEnd) - Date.parse(row.ChargePeriodStart),
        ).toBe(granularity === 'day' ? 86_400_000 : 3_600_000);
        expect(row.BillingPeriodStart).toBe('2026-11-01T00:00:00Z');
        expect(row.BillingPeriodEnd).toBe('2026-12-01T00:00:00Z');
      }
    }
  });

  it('has one row per kind of token, at the price of the model', async () => {
    const { call, text } = await setUp(databaseId);
    for (let i = 0; i < 2; i += 1) {
      await call({
        agent: 'agent:default/orders',
        owner: 'group:default/care',
        input_uncached: 1_000,
        cache_read: 10_000,
        output_text: 100,
        cost_nano_usd: 3_000_000 + 3_000_000 + 1_500_000,
      });
    }
    const rows = parseCsv(await text());
    expect(
      rows.map(row => [
        row.SkuId,
        row.ConsumedQuantity,
        row.PricingQuantity,
        row.ListUnitPrice,
        row.BilledCost,
      ]),
    ).toEqual([
      ['openai/gpt-5.1/input', '2000', '0.002', '3', '0.006'],
      ['openai/gpt-5.1/cache-read', '20000', '0.02', '0.3', '0.006'],
      ['openai/gpt-5.1/output', '200', '0.0002', '15', '0.003'],
    ]);
    expect(rows[0]).toMatchObject({
      BillingAccountName: 'Acme, "Inc"',
      BillingCurrency: 'USD',
      ChargeCategory: 'Usage',
      ChargeClass: '',
      ChargeDescription:
        'Input tokens of openai/gpt-5.1 for agent:default/orders',
      ChargeFrequency: 'Usage-Based',
      ChargePeriodStart: '2026-11-02T00:00:00Z',
      ChargePeriodEnd: '2026-11-03T00:00:00Z',
      ConsumedUnit: 'Tokens',
      PricingCategory: 'Standard',
      PricingUnit: '1000000 Tokens',
      ProviderName: 'openai',
      ServiceCategory: 'AI and Machine Learning',
      ServiceSubcategory: 'Generative AI',
      SubAccountId: 'group:default/care',
      x_PriceVersion: 'test 1',
    });
    expect(JSON.parse(rows[0].Tags)).toEqual({
      'agentportal.dev/agent': 'agent:default/orders',
      'agentportal.dev/owner': 'group:default/care',
    });
  });

  it('keeps calls whose end was not seen apart from counted tokens', async () => {
    const { call, text } = await setUp(databaseId);
    await call({ status: 'unreconciled', cost_nano_usd: 30 });
    await call({ status: 'unreconciled', cost_nano_usd: 12 });
    await call({ input_uncached: 5, cost_nano_usd: 8 });
    await call({ status: 'started' });
    expect(
      parseCsv(await text()).map(row => [
        row.SkuId,
        row.ConsumedQuantity,
        row.ConsumedUnit,
        row.BilledCost,
      ]),
    ).toEqual([
      ['openai/gpt-5.1/input', '5', 'Tokens', '0.000000008'],
      ['openai/gpt-5.1/unreconciled', '2', 'Requests', '0.000000042'],
    ]);
  });

  it('reads more groups than a page has, each once', async () => {
    const { knex, ledger, call, text } = await setUp(databaseId);
    await call({ input_uncached: 1, cost_nano_usd: 1 });
    const row = await knex(CALLS).first();
    const users = await Promise.all(
      Array.from({ length: 2_345 }, (_, i) =>
        ledger.names.idOf(`user:default/u${i}`),
      ),
    );
    await knex.batchInsert(
      CALLS,
      users.map((user, i) => ({ ...row, id: `x${i}-1`, user_id: user })),
      20,
    );
    const rows = parseCsv(await text());
    expect(rows).toHaveLength(2_346);
    expect(new Set(rows.map(each => each.Tags)).size).toBe(2_346);
  });

  it('never lets a name become a formula', async () => {
    const { call, text } = await setUp(databaseId);
    await call({
      model: '=cmd/calc',
      owner: '@SUM(1,2)',
      input_uncached: 1,
      cost_nano_usd: 1,
    });
    const [row] = parseCsv(await text());
    expect(row.ResourceId).toBe("'=cmd/calc");
    expect(row.SubAccountId).toBe("'@SUM(1,2)");
    expect(row.ProviderName).toBe("'=cmd");
  });

  it('obeys the filters', async () => {
    const { call, text } = await setUp(databaseId);
    await call({ agent: 'agent:default/a', input_uncached: 1 });
    await call({ agent: 'agent:default/b', input_uncached: 2 });
    const rows = parseCsv(await text({ agentRef: 'agent:default/b' }));
    expect(rows.map(row => row.ConsumedQuantity)).toEqual(['2']);
    expect(parseCsv(await text({ agentRef: 'agent:default/none' }))).toEqual(
      [],
    );
  });
});

describe('amounts of an export', () => {
  it('writes money without a float', () => {
    expect(dollars(9_007_199_254_740_991_000n)).toBe('9007199254.740991');
    expect(dollars(1n)).toBe('0.000000001');
    expect(dollars(0n)).toBe('0');
    expect(quotient(1n, 3n)).toBe('0.333333333333333333333333');
  });

  it('splits a cost so that nothing is lost', () => {
    expect(splitCost(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(splitCost(7n, [0n, 0n])).toEqual([4n, 3n]);
    expect(splitCost(5n, [9n, 0n])).toEqual([5n, 0n]);
  });

  it('leaves amounts alone and quotes what needs it', () => {
    expect(csvLine(['-1.5', 'a"b', undefined, '-x', '\tx', 3])).toBe(
      '-1.5,"a""b",,\'-x,\'\tx,3\r\n',
    );
  });
});

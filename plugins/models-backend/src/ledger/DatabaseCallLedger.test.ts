import type { AttemptStart } from '@agentportal/model-gateway';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import { databases } from '../__testUtils__/startModels';
import { END_COLUMNS } from './callRow';
import { queryCalls } from './calls';
import { queryCosts } from './costs';
import { DatabaseCallLedger } from './DatabaseCallLedger';

jest.setTimeout(60_000);

const DAY = 86_400_000;
const MONDAY = Date.UTC(2026, 10, 16);

const USAGE = {
  inputUncached: 10,
  cacheRead: 5,
  cacheWrite: 1,
  outputText: 3,
  reasoning: 4,
};

async function setUp(databaseId: TestDatabaseId) {
  const knex = await databases.init(databaseId);
  const ledger = await DatabaseCallLedger.create(
    mockServices.database.mock({ getClient: async () => knex, migrations: {} }),
  );
  let count = 0;
  const open = async (start: Partial<AttemptStart> = {}) => {
    count += 1;
    const id = `call${String(count).padStart(4, '0')}-1`;
    await ledger.open({
      id,
      callId: id.slice(0, -2),
      attempt: 1,
      createdAt: MONDAY + count,
      provider: 'openai',
      model: 'openai/a',
      account: {},
      ...start,
    });
    return id;
  };
  const settle = (id: string, costNanoUsd: number) =>
    ledger.settle(id, {
      status: 'succeeded',
      durationMs: 20,
      ttfbMs: 10,
      usage: USAGE,
      costNanoUsd,
      priceVersion: 'test',
      estimated: false,
    });
  return { knex, ledger, open, settle };
}

describe.each(databases.eachSupportedId())('call ledger on %s', databaseId => {
  it('settles a call once', async () => {
    const { ledger, open, settle } = await setUp(databaseId);
    const id = await open();
    await settle(id, 7);
    await settle(id, 9);
    const { items } = await queryCalls(ledger, { limit: 10 });
    expect(items).toMatchObject([
      { id, status: 'succeeded', costNanoUsd: 7, usage: USAGE },
    ]);
  });

  it('has no index on what changes when a call ends', async () => {
    const { knex, ledger, open, settle } = await setUp(databaseId);
    const indexes: Array<{ sql: string }> = databaseId.startsWith('POSTGRES')
      ? await knex('pg_indexes')
          .where({ tablename: 'model_calls' })
          .select({ sql: 'indexdef' })
      : await knex('sqlite_master')
          .where({ type: 'index', tbl_name: 'model_calls' })
          .whereNotNull('sql')
          .select('sql');
    expect(indexes.length).toBeGreaterThan(3);
    expect(
      indexes.filter(({ sql }) =>
        Object.keys(END_COLUMNS).some(column =>
          new RegExp(`\\b${column}\\b`).test(sql),
        ),
      ),
    ).toEqual([]);
    // What is under way is known without.
    const done = await open();
    const running = await open();
    await settle(done, 1);
    expect(await knex('model_open_calls')).toEqual([{ call_id: running }]);
    expect(
      (
        await queryCosts(ledger, {
          from: MONDAY,
          groupBy: 'day',
          limit: 9,
          offset: 0,
        })
      ).totals.calls,
    ).toBe(2);
  });

  it('marks calls of a process that was killed as unreconciled', async () => {
    const { ledger, open, settle } = await setUp(databaseId);
    const dead = await open({ boundNanoUsd: 70 });
    const done = await open();
    await settle(done, 1);
    const young = await open({ createdAt: MONDAY + DAY });
    expect(await ledger.closeAbandoned(MONDAY + DAY)).toBe(1);
    const { items } = await queryCalls(ledger, { limit: 10 });
    expect(
      Object.fromEntries(
        items.map(({ id, status, costNanoUsd }) => [id, [status, costNanoUsd]]),
      ),
    ).toEqual({
      // Whether the provider was paid nobody knows, and nobody says that it was not.
      [dead]: ['unreconciled', 70],
      [done]: ['succeeded', 1],
      [young]: ['started', 0],
    });
  });

  it('groups, splits and pages costs, and cuts days at UTC midnight', async () => {
    const { ledger, open, settle } = await setUp(databaseId);
    const book = async (cost: number, start: Partial<AttemptStart>) =>
      settle(await open(start), cost);
    const orders = { agentRef: 'agent:default/orders', runId: 'run-1' };
    await book(3, { account: orders, createdAt: MONDAY });
    await book(4, { account: orders, createdAt: MONDAY + DAY - 1 });
    await book(50, { account: orders, createdAt: MONDAY + DAY, model: 'b/b' });
    await book(9_000_000_000_000, { createdAt: MONDAY + DAY });
    await book(1, { createdAt: MONDAY + 2 * DAY });
    const period = { from: MONDAY, to: MONDAY + 2 * DAY };

    const byDay = await queryCosts(ledger, {
      ...period,
      groupBy: 'day',
      limit: 10,
      offset: 0,
    });
    expect(byDay.items.map(item => [item.key, item.costNanoUsd])).toEqual([
      ['2026-11-16', 7],
      ['2026-11-17', 9_000_000_000_050],
    ]);
    expect(byDay.totals).toMatchObject({
      calls: 4,
      inputTokens: 64,
      outputTokens: 28,
      costNanoUsd: 9_000_000_000_057,
    });

    const split = await queryCosts(ledger, {
      ...period,
      groupBy: 'agent',
      splitBy: 'model',
      limit: 2,
      offset: 0,
    });
    expect(split.more).toBe(true);
    expect(
      split.items.map(({ key, split: s, costNanoUsd }) => [
        key,
        s,
        costNanoUsd,
      ]),
    ).toEqual([
      ['', 'openai/a', 9_000_000_000_000],
      ['agent:default/orders', 'b/b', 50],
    ]);

    const filtered = await queryCosts(ledger, {
      ...period,
      groupBy: 'run',
      agentRef: 'agent:default/orders',
      model: 'openai/a',
      limit: 10,
      offset: 0,
    });
    expect(filtered.items).toMatchObject([{ key: 'run-1', costNanoUsd: 7 }]);
    const nobody = await queryCosts(ledger, {
      groupBy: 'agent',
      agentRef: 'agent:default/never-called',
      limit: 10,
      offset: 0,
    });
    expect(nobody).toMatchObject({ items: [], totals: { calls: 0 } });
  });

  it('pages calls of the same moment without losing one', async () => {
    const { ledger, open } = await setUp(databaseId);
    for (let i = 0; i < 5; i += 1) {
      await open({ createdAt: MONDAY });
    }
    const seen: string[] = [];
    let after: { createdAt: number; id: string } | undefined;
    do {
      const page = await queryCalls(ledger, { limit: 2, after });
      seen.push(...page.items.map(call => call.id));
      after = page.next;
    } while (after);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it('gives a name one number, also when many ask at once', async () => {
    const { ledger } = await setUp(databaseId);
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => ledger.names.idOf('agent:default/new')),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('can be taken down again', async () => {
    const { knex } = await setUp(databaseId);
    const directory = resolvePackagePath(
      '@agentportal/plugin-models-backend',
      'migrations',
    );
    await knex.migrate.rollback({ directory }, true);
    expect(await knex.schema.hasTable('model_calls')).toBe(false);
    expect(await knex.schema.hasTable('model_call_names')).toBe(false);
    expect(await knex.schema.hasTable('model_budgets')).toBe(false);
    expect(await knex.schema.hasTable('model_hold_sets')).toBe(false);
    await knex.migrate.latest({ directory });
    expect(await knex.schema.hasTable('model_calls')).toBe(true);
  });
});

import type { AttemptStart } from '@agentportal/model-gateway';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import type { CostDimension } from '@agentportal/plugin-models-common';
import type { Knex } from 'knex';
import { databases } from '../__testUtils__/startModels';
import type { CallFilter } from './callFilter';
import { queryCosts, queryUsage } from './costs';
import { DatabaseCallLedger } from './DatabaseCallLedger';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The middle of a day; the two days from it on have passed at any hour of today. */
const START = Math.floor(Date.now() / DAY) * DAY - 3 * DAY + DAY / 2;
const DIRECTORY = resolvePackagePath(
  '@agentportal/plugin-models-backend',
  'migrations',
);

/** Numbers that are the same each time (mulberry32). */
function seeded(seed: number) {
  let state = seed;
  const next = () => {
    state += 0x6d2b79f5;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (end: number) => Math.floor(next() * end),
    oneOf: <T>(values: readonly T[]) =>
      values[Math.floor(next() * values.length)],
  };
}

type Dice = ReturnType<typeof seeded>;

const create = (knex: Knex) =>
  DatabaseCallLedger.create(
    mockServices.database.mock({ getClient: async () => knex, migrations: {} }),
  );

function startOf(i: number, dice: Dice): AttemptStart {
  const callId = `call${String(i).padStart(6, '0')}`;
  return {
    id: `${callId}-1`,
    callId,
    attempt: 1,
    createdAt: START + dice.below(2 * DAY),
    provider: 'openai',
    model: dice.oneOf(['openai/a', 'openai/b']),
    route: dice.oneOf([undefined, 'general']),
    account: {
      agentRef: dice.oneOf([undefined, 'agent:default/x', 'agent:default/y']),
      ownerRef: dice.oneOf([undefined, 'group:default/a']),
      userRef: dice.oneOf(['user:default/u', 'user:default/v']),
      keyId: dice.oneOf([undefined, 'key-1']),
    },
  };
}

const outcomeOf = (dice: Dice) => ({
  status: dice.oneOf(['succeeded', 'failed'] as const),
  durationMs: 20,
  usage: {
    inputUncached: dice.below(9_000),
    cacheRead: dice.below(50),
    cacheWrite: 0,
    outputText: dice.below(900),
    reasoning: dice.below(3),
  },
  // Beyond what a double would keep exactly when many are added as floats of USD.
  costNanoUsd: dice.below(7_000_000_000),
  priceVersion: dice.oneOf(['v1', 'v2']),
  estimated: false,
  ...(dice.below(3) === 0 && {
    savings: { cacheNanoUsd: dice.below(100), routingNanoUsd: dice.below(10) },
  }),
});

/** What the rows of the ledger say, added up one by one. */
async function addedUp(
  ledger: DatabaseCallLedger,
  column: string,
  filter: CallFilter,
) {
  const rows: any[] = await ledger.db('model_calls');
  const names = await ledger.names.namesOf(
    rows.flatMap(row => [row[column], row.agent_id].filter(id => id > 0)),
  );
  const sums = new Map<string, unknown[]>();
  for (const row of rows) {
    const at = Number(row.created_at);
    if (
      at < (filter.from ?? 0) ||
      at >= (filter.to ?? Infinity) ||
      (filter.agentRef && names.get(row.agent_id) !== filter.agentRef)
    ) {
      continue;
    }
    const key =
      column === 'day'
        ? new Date(at).toISOString().slice(0, 10)
        : names.get(row[column]) ?? '';
    const [calls, cost, input, cached, saved] = (sums.get(key) ?? [
      0, 0, 0, 0, 0,
    ]) as number[];
    sums.set(key, [
      calls + 1,
      cost + Number(row.cost_nano_usd),
      input + row.input_uncached + row.cache_read,
      cached + (row.saved_by_cache_nano_usd === null ? 0 : 1),
      saved + Number(row.saved_by_cache_nano_usd ?? 0),
    ]);
  }
  return Object.fromEntries(sums);
}

async function asked(
  ledger: DatabaseCallLedger,
  groupBy: CostDimension,
  filter: CallFilter,
) {
  const { items } = await queryCosts(ledger, {
    ...filter,
    groupBy,
    limit: 1_000,
    offset: 0,
  });
  return Object.fromEntries(
    items.map(item => [
      item.key,
      [
        item.calls,
        item.costNanoUsd,
        item.inputTokens,
        item.cachedCalls,
        item.savedNanoUsd.cache,
      ],
    ]),
  );
}

async function expectSameSums(ledger: DatabaseCallLedger, dice: Dice) {
  const moments = [undefined, START, START + DAY / 2, START + dice.below(DAY)];
  for (const from of moments) {
    for (const to of [
      undefined,
      START + DAY * 1.5,
      START + DAY + dice.below(DAY),
    ]) {
      for (const agentRef of [undefined, 'agent:default/x']) {
        const filter = { from, to, agentRef };
        for (const dimension of ['day', 'agent', 'model', 'key'] as const) {
          const column = dimension === 'day' ? 'day' : `${dimension}_id`;
          expect(await asked(ledger, dimension, filter)).toEqual(
            await addedUp(ledger, column, filter),
          );
        }
      }
    }
  }
}

describe.each(databases.eachSupportedId())(
  'sums over calls on %s',
  databaseId => {
    async function fill(knex: Knex, dice: Dice, calls: number) {
      // Two processes on one database; SQLite has one connection for both.
      const ledgers = [await create(knex), await create(knex)];
      await Promise.all(
        Array.from({ length: calls }, async (_, i) => {
          const ledger = ledgers[i % 2];
          const start = startOf(i, dice);
          const [fate, outcome] = [dice.below(10), outcomeOf(dice)];
          await ledger.open(start);
          if (fate === 0) {
            return;
          }
          if (fate < 4) {
            // Given up, and then the true figures come after all, or do not.
            await ledger.journal.write({
              kind: 'reconcile',
              attemptId: start.id,
            });
          }
          if (fate > 1) {
            await ledger.settle(start.id, outcome);
            await ledger.settle(start.id, { ...outcome, costNanoUsd: 1 });
          }
        }),
      );
      return ledgers[0];
    }

    it('are those of the rows, to the nano-USD, whoever writes, corrects and comes late', async () => {
      const dice = seeded(7);
      const knex = await databases.init(databaseId);
      const ledger = await fill(knex, dice, 300);
      await expectSameSums(ledger, dice);
      expect(await ledger.closeAbandoned(START + DAY)).toBeGreaterThan(0);
      await expectSameSums(ledger, dice);
      await knex('model_calls')
        .where({ status: 'succeeded' })
        .update({ cost_nano_usd: 3 });
      await expectSameSums(ledger, dice);
      const usage = await queryUsage(ledger, {});
      const rows = await knex('model_calls');
      expect(usage.get('openai/a')!.calls + usage.get('openai/b')!.calls).toBe(
        rows.length,
      );
    });

    it('read no row of a whole day, so they outlive the rows', async () => {
      const dice = seeded(8);
      const knex = await databases.init(databaseId);
      const ledger = await fill(knex, dice, 60);
      await ledger.closeAbandoned(Date.now());
      const before = await asked(ledger, 'agent', {});
      expect(Object.keys(before)).toHaveLength(3);
      await knex('model_calls').delete();
      expect(await asked(ledger, 'agent', {})).toEqual(before);
    });

    it('have what was there before they were kept', async () => {
      const dice = seeded(9);
      const knex = await databases.init(databaseId);
      const ledger = await fill(knex, dice, 100);
      while (await knex.schema.hasTable('model_daily_costs')) {
        await knex.migrate.down({ directory: DIRECTORY });
      }
      await ledger.open(startOf(200, dice));
      await knex.migrate.latest({ directory: DIRECTORY });
      await expectSameSums(ledger, dice);
      await ledger.settle('call000200-1', outcomeOf(dice));
      await expectSameSums(ledger, dice);
    });
  },
);

import type { Knex } from 'knex';
import { isPostgres } from '../ledger/PostgresConnection';
import { CALLS } from '../ledger/tables';
import {
  BUDGETS,
  BUDGET_WINDOWS,
  HOLD_SET_COUNTERS,
  RATE_COUNTERS,
} from './tables';

/** A counter that is not what ledger and holds add up to. */
export interface BudgetDrift {
  budgetId: string;
  windowStart: number;
  spentNanoUsd: number;
  expectedSpentNanoUsd: number;
  heldNanoUsd: number;
  expectedHeldNanoUsd: number;
}

/** What a check of all counters found. */
export interface BudgetCheck {
  ok: boolean;
  /** ms since the epoch. */
  checkedAt: number;
  windows: number;
  drift: BudgetDrift[];
  /** Counters above their limit: it was lowered, or a provider overcharged. */
  overLimit: Array<{ budgetId: string; windowStart: number }>;
  holds: { held: number; unreconciled: number };
  /** Rate limits whose calls under way are not those of the ledger. */
  rateDrift: Array<{ limitId: string; inUse: number; expectedInUse: number }>;
}

/**
 * Adds up ledger and holds anew, in one snapshot, and compares that with every
 * counter. Nothing is repaired: a drift is a bug, and must be seen.
 */
export async function verifyBudgets(db: Knex): Promise<BudgetCheck> {
  return db.transaction(
    async trx => {
      const { spentOf, heldOf, runningOf, states } = await addUp(trx);
      const rates = await trx(RATE_COUNTERS).select('limit_id', 'in_use');
      const [{ count }] = await trx(BUDGET_WINDOWS).count({ count: '*' });
      const key = (row: Record<string, any>) =>
        `${row.budget_id} ${row.window_start}`;
      const windows = await unsettledWindows(trx);
      const seen = new Set(windows.map(key));
      windows.push(
        ...(await windowsOf(
          trx,
          [...new Set([...spentOf.keys(), ...heldOf.keys()])].filter(
            counter => !seen.has(counter),
          ),
        )),
      );
      const counters = windows.map(row => ({
        budgetId: row.budget_id as string,
        windowStart: Number(row.window_start),
        spentNanoUsd: Number(row.spent_nano_usd),
        expectedSpentNanoUsd:
          Number(row.carried_nano_usd) + (spentOf.get(key(row)) ?? 0),
        heldNanoUsd: Number(row.held_nano_usd),
        expectedHeldNanoUsd: heldOf.get(key(row)) ?? 0,
        limit: row.deleted_at === null ? Number(row.limit_nano_usd) : Infinity,
      }));
      const drift = counters
        .filter(
          counter =>
            counter.spentNanoUsd !== counter.expectedSpentNanoUsd ||
            counter.heldNanoUsd !== counter.expectedHeldNanoUsd,
        )
        .map(({ limit, ...counter }) => counter);
      const rateDrift = rates
        .map(row => ({
          limitId: row.limit_id as string,
          inUse: Number(row.in_use),
          expectedInUse: runningOf.get(row.limit_id) ?? 0,
        }))
        .filter(({ inUse, expectedInUse }) => inUse !== expectedInUse);
      return {
        ok: drift.length === 0 && rateDrift.length === 0,
        checkedAt: Date.now(),
        windows: Number(count),
        drift,
        rateDrift,
        overLimit: counters
          .filter(c => c.spentNanoUsd + c.heldNanoUsd > c.limit)
          .map(({ budgetId, windowStart }) => ({ budgetId, windowStart })),
        holds: {
          held: states.get('started') ?? 0,
          unreconciled: states.get('unreconciled') ?? 0,
        },
      };
    },
    isPostgres(db)
      ? { isolationLevel: 'repeatable read', readOnly: true }
      : undefined,
  );
}

/** Windows as the check reads them. */
function withLimits(trx: Knex.Transaction): Knex.QueryBuilder {
  return trx({ w: BUDGET_WINDOWS })
    .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
    .select('w.*', 'b.limit_nano_usd', 'b.deleted_at');
}

/**
 * Those that are more than what they carry, or are above their limit. Of the others there
 * are years, and nothing that the ledger still has is counted on them.
 */
async function unsettledWindows(
  trx: Knex.Transaction,
): Promise<Array<Record<string, any>>> {
  return withLimits(trx).whereRaw(
    `w.spent_nano_usd <> w.carried_nano_usd or w.held_nano_usd <> 0
       or (b.deleted_at is null and w.spent_nano_usd > b.limit_nano_usd)`,
  );
}

/** How many are asked for in one statement. */
const CHUNK = 200;

/** Windows by the names of their counters. */
async function windowsOf(
  trx: Knex.Transaction,
  counters: string[],
): Promise<Array<Record<string, any>>> {
  const found: Array<Record<string, any>> = [];
  for (let from = 0; from < counters.length; from += CHUNK) {
    found.push(
      ...(await withLimits(trx).whereIn(
        ['w.budget_id', 'w.window_start'],
        counters.slice(from, from + CHUNK).map(counter => {
          const [id, start] = counter.split(' ');
          return [id, Number(start)];
        }),
      )),
    );
  }
  return found;
}

/** What the ledger says was spent and is held, by counter, and how many rows. */
async function addUp(trx: Knex.Transaction) {
  // Few sets stand for very many calls, so they are added up first; which counters
  // they are of is found by the database, which has very many sets as well.
  const sums = trx(CALLS)
    .whereNotNull('hold_set_id')
    .groupBy('hold_set_id', 'status')
    .select('hold_set_id', 'status')
    .sum({ spent: 'cost_nano_usd', held: 'held_nano_usd' })
    .count({ calls: '*' });
  const counters: Array<Record<string, any>> = await trx
    .with('sums', sums)
    .from({ s: 'sums' })
    .join({ k: HOLD_SET_COUNTERS }, 'k.set_id', 's.hold_set_id')
    .groupBy('k.counter_id', 'k.window_start', 's.status')
    .select('k.counter_id', 'k.window_start', 's.status')
    .sum({ spent: 's.spent', held: 's.held', calls: 's.calls' });
  const spentOf = new Map<string, number>();
  const heldOf = new Map<string, number>();
  const runningOf = new Map<string, number>();
  for (const { counter_id: id, window_start: start, ...sum } of counters) {
    const open = sum.status === 'started';
    if (start === null) {
      if (open) {
        runningOf.set(id, Number(sum.calls));
      }
      continue;
    }
    const totals = open ? heldOf : spentOf;
    const counter = `${id} ${start}`;
    totals.set(
      counter,
      (totals.get(counter) ?? 0) + Number((open ? sum.held : sum.spent) ?? 0),
    );
  }
  const states: Array<Record<string, any>> = await trx(CALLS)
    .whereNotNull('hold_set_id')
    .groupBy('status')
    .select('status')
    .count({ calls: '*' });
  return {
    spentOf,
    heldOf,
    runningOf,
    states: new Map(
      states.map(({ calls, status }) => [status as string, Number(calls)]),
    ),
  };
}

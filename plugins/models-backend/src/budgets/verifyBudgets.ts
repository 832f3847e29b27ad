import type { Knex } from 'knex';
import { CALLS } from '../ledger/tables';
import { BUDGETS, BUDGET_WINDOWS, HOLDS } from './tables';
import { isPostgres } from './WindowCounters';

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
}

/**
 * Adds up ledger and holds anew, in one snapshot, and compares that with every
 * counter. Nothing is repaired: a drift is a bug, and must be seen.
 */
export async function verifyBudgets(db: Knex): Promise<BudgetCheck> {
  return db.transaction(
    async trx => {
      const settled = await trx({ h: HOLDS })
        .join({ c: CALLS }, 'c.id', 'h.attempt_id')
        .whereNot('h.state', 'held')
        .groupBy('h.budget_id', 'h.window_start')
        .select('h.budget_id', 'h.window_start')
        .sum({ spent: 'c.cost_nano_usd' });
      const held = await trx(HOLDS)
        .where({ state: 'held' })
        .groupBy('budget_id', 'window_start')
        .select('budget_id', 'window_start')
        .sum({ held: 'held_nano_usd' });
      const states: Array<{ state: string; count: number | string }> =
        await trx(HOLDS)
          .whereNot({ state: 'settled' })
          .groupBy('state')
          .select('state')
          .countDistinct({ count: 'attempt_id' });
      const windows = await trx({ w: BUDGET_WINDOWS })
        .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
        .select('w.*', 'b.limit_nano_usd', 'b.deleted_at');

      const key = (row: Record<string, any>) =>
        `${row.budget_id} ${row.window_start}`;
      const spentOf = new Map(
        settled.map(row => [key(row), Number(row.spent)]),
      );
      const heldOf = new Map(held.map(row => [key(row), Number(row.held)]));
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
      const count = (state: string) =>
        Number(states.find(row => row.state === state)?.count ?? 0);
      return {
        ok: drift.length === 0,
        checkedAt: Date.now(),
        windows: counters.length,
        drift,
        overLimit: counters
          .filter(c => c.spentNanoUsd + c.heldNanoUsd > c.limit)
          .map(({ budgetId, windowStart }) => ({ budgetId, windowStart })),
        holds: { held: count('held'), unreconciled: count('unreconciled') },
      };
    },
    isPostgres(db)
      ? { isolationLevel: 'repeatable read', readOnly: true }
      : undefined,
  );
}

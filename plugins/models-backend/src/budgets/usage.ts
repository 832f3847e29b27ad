import type { Knex } from 'knex';
import type { Budget } from './budget';
import type { WindowRow } from './rows';
import { BUDGET_WINDOWS } from './tables';
import { windowEnd, windowStart } from './windows';

/** What is spent and held of a budget in one window; nano-USD. */
export interface BudgetUsage {
  spentNanoUsd: number;
  heldNanoUsd: number;
  leftNanoUsd: number;
  /** ms since the epoch. */
  windowStart: number;
  /** ms since the epoch; absent when it never does. */
  renewsAt?: number;
}

/** The usage of budgets in the windows that a moment falls into, by id. */
export async function usageOf(
  db: Knex,
  budgets: Budget[],
  now: number,
): Promise<Map<string, BudgetUsage>> {
  const rows: WindowRow[] =
    budgets.length === 0
      ? []
      : await db(BUDGET_WINDOWS).whereIn(
          ['budget_id', 'window_start'],
          budgets.map(({ id, window }) => [id, windowStart(window, now)]),
        );
  const rowOf = new Map(rows.map(row => [row.budget_id, row]));
  return new Map(
    budgets.map(budget => {
      const row = rowOf.get(budget.id);
      const start = windowStart(budget.window, now);
      const spent = Number(row?.spent_nano_usd ?? 0);
      const held = Number(row?.held_nano_usd ?? 0);
      return [
        budget.id,
        {
          spentNanoUsd: spent,
          heldNanoUsd: held,
          leftNanoUsd: Math.max(0, budget.limitNanoUsd - spent - held),
          windowStart: start,
          renewsAt: windowEnd(budget.window, start),
        },
      ];
    }),
  );
}

import type { Knex } from 'knex';
import type { Budget } from '../budgets/budget';
import { type BudgetUsage, usageOf } from '../budgets/usage';

/** More at once would be more parameters than a statement may have. */
const PAGE = 500;

/** The usage of any number of budgets now, by id. */
export async function usageOfMany(
  db: Knex,
  budgets: Budget[],
): Promise<Map<string, BudgetUsage>> {
  const now = Date.now();
  const usage = new Map<string, BudgetUsage>();
  for (let i = 0; i < budgets.length; i += PAGE) {
    for (const [id, found] of await usageOf(
      db,
      budgets.slice(i, i + PAGE),
      now,
    )) {
      usage.set(id, found);
    }
  }
  return usage;
}

import {
  type Budget,
  type BudgetScope,
  ORGANISATION_REF,
} from '../budgets/budget';
import type { BudgetCheck } from '../budgets/verifyBudgets';

/** What belongs to nothing that has an owner, such as a deleted budget. */
const EVERYTHING: BudgetScope = { type: 'organisation', ref: ORGANISATION_REF };

/** What a check found, as far as it is about budgets that the caller may see. */
export async function visibleCheck(
  check: BudgetCheck,
  budgets: Budget[],
  allows: (budget: { id?: string; scope: BudgetScope }) => Promise<boolean>,
): Promise<BudgetCheck> {
  const known = new Map(budgets.map(budget => [budget.id, budget]));
  const visible = async <T extends { budgetId: string }>(
    found: T[],
  ): Promise<T[]> => {
    const seen = await Promise.all(
      found.map(({ budgetId: id }) =>
        allows(known.get(id) ?? { id, scope: EVERYTHING }),
      ),
    );
    return found.filter((_, at) => seen[at]);
  };
  return {
    ...check,
    drift: await visible(check.drift),
    overLimit: await visible(check.overLimit),
    rateDrift: (await allows({ scope: EVERYTHING })) ? check.rateDrift : [],
  };
}

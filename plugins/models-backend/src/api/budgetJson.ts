import type {
  BudgetChange,
  BudgetCheck,
  BudgetSummary,
} from '@agentportal/plugin-models-common';
import type { Budget } from '../budgets/budget';
import type { BudgetChange as StoredChange } from '../budgets/BudgetStore';
import type { BudgetUsage } from '../budgets/usage';
import type { BudgetCheck as FoundCheck } from '../budgets/verifyBudgets';

// How budgets look on the wire, where moments are ISO date-times.

export function toBudgetSummary(
  budget: Budget,
  facts: { usage: BudgetUsage; ownerRefs: string[]; editable: boolean },
): BudgetSummary {
  const { usage, ownerRefs, editable } = facts;
  return {
    ...budget,
    createdAt: iso(budget.createdAt),
    updatedAt: iso(budget.updatedAt),
    ownerRefs,
    editable,
    usage: {
      ...usage,
      windowStart: iso(usage.windowStart),
      renewsAt: usage.renewsAt === undefined ? undefined : iso(usage.renewsAt),
    },
  };
}

export function toBudgetChange(change: StoredChange): BudgetChange {
  return { ...change, at: iso(change.at) };
}

export function toBudgetCheck(check: FoundCheck): BudgetCheck {
  const dated = <T extends { windowStart: number }>(found: T[]) =>
    found.map(one => ({ ...one, windowStart: iso(one.windowStart) }));
  return {
    ...check,
    checkedAt: iso(check.checkedAt),
    drift: dated(check.drift),
    overLimit: dated(check.overLimit),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

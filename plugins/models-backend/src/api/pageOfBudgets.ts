import { decodeCursor } from '@agentportal/plugin-agents-node';
import { z } from 'zod/v4';
import type { Budget, BudgetScope } from '../budgets/budget';
import type { BudgetUsage } from '../budgets/usage';
import { DEFAULT_LIMIT, toPage } from './page';

const position = z.object({ share: z.number(), id: z.string() });

/** Which budgets are asked for, and in which order. */
export interface BudgetsQuery {
  scopeType?: BudgetScope['type'];
  scopeRef?: string;
  source?: Budget['source'];
  /** Words that the scope must have. */
  q?: string;
  /** The oldest first, or those with the least left of their limit. */
  order?: 'created' | 'nearest';
  limit?: number;
  cursor?: string;
}

/** One page of budgets in order, of those that `allows` lets through. */
export async function pageOfBudgets(
  budgets: Budget[],
  query: BudgetsQuery,
  options: {
    usageOf: (budgets: Budget[]) => Promise<Map<string, BudgetUsage>>;
    allows: (budget: Budget) => Promise<boolean>;
  },
): Promise<{ items: Budget[]; nextCursor?: string }> {
  const wanted = budgets.filter(budget => isWanted(budget, query));
  const usage =
    query.order === 'nearest' ? await options.usageOf(wanted) : undefined;
  const placed = wanted
    .map(budget => ({
      budget,
      id: budget.id,
      share: usage ? -shareOf(budget, usage.get(budget.id)) : 0,
    }))
    .sort(inOrder);
  const after = decodeCursor(query.cursor, position);
  const limit = query.limit ?? DEFAULT_LIMIT;
  const page: typeof placed = [];
  for (const one of placed) {
    // Whether one may see a budget can be dear to find out: only until the page
    // is full.
    if (
      (!after || inOrder(after, one) < 0) &&
      (await options.allows(one.budget))
    ) {
      page.push(one);
      if (page.length > limit) {
        break;
      }
    }
  }
  const { items, ...rest } = toPage(page, limit, ({ id, share }) => ({
    share,
    id,
  }));
  return { items: items.map(({ budget }) => budget), ...rest };
}

function isWanted({ scope, source }: Budget, query: BudgetsQuery): boolean {
  const text = `${scope.type} ${scope.ref}`.toLocaleLowerCase('en-US');
  const words = (query.q ?? '').toLocaleLowerCase('en-US').split(/\s+/);
  return (
    (!query.scopeType || scope.type === query.scopeType) &&
    (!query.scopeRef || scope.ref === query.scopeRef) &&
    (!query.source || source === query.source) &&
    words.every(word => text.includes(word))
  );
}

/** How much of the limit is spent and held. */
function shareOf(budget: Budget, usage: BudgetUsage | undefined): number {
  const taken = (usage?.spentNanoUsd ?? 0) + (usage?.heldNanoUsd ?? 0);
  // A limit of 0 is used up from the beginning.
  return budget.limitNanoUsd > 0 ? taken / budget.limitNanoUsd : 1;
}

function inOrder(
  a: { share: number; id: string },
  b: { share: number; id: string },
): number {
  if (a.share !== b.share) {
    return a.share - b.share;
  }
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

import type { NewKey } from '@agentportal/plugin-models-common';
import { ascending } from '../budgets/budget';
import type { BudgetStore } from '../budgets/BudgetStore';
import type { RateLimitStore } from '../rateLimits/RateLimitStore';
import { limitsOf } from '../rateLimits/rates';

/** Where the limits of a key are kept, as those of every other scope are. */
export interface LimitStores {
  budgets: { store: BudgetStore; directory: { afterChange(): Promise<void> } };
  rateLimits: {
    store: RateLimitStore;
    directory: { afterChange(): Promise<void> };
  };
}

/**
 * Sets the limits that a key is to be made with. They come before the key, which
 * so never is without them.
 *
 * @returns how to take them back, should the key not come
 */
export async function setSpendingLimits(
  stores: LimitStores,
  keyId: string,
  input: Pick<NewKey, 'budget' | 'rateLimits'>,
  by: string,
): Promise<() => Promise<void>> {
  const { budgets, rateLimits } = stores;
  const scope = { type: 'key', ref: keyId } as const;
  const undo: Array<() => Promise<unknown>> = [];
  const takeBack = async () => {
    for (const step of undo) {
      await step();
    }
  };
  try {
    if (input.budget) {
      const { window, limitNanoUsd, softThresholds } = input.budget;
      const budget = await budgets.store.create(
        {
          scope,
          window,
          limitNanoUsd,
          softThresholds: ascending(softThresholds),
        },
        'api',
        by,
      );
      undo.push(() => budgets.store.delete(budget.id, by));
      await budgets.directory.afterChange();
    }
    const rates = limitsOf(scope, input.rateLimits ?? {});
    for (const terms of rates) {
      const limit = await rateLimits.store.create(terms, 'api', by);
      undo.push(() => rateLimits.store.delete(limit.id));
    }
    if (rates.length > 0) {
      await rateLimits.directory.afterChange();
    }
  } catch (error) {
    await takeBack().catch(() => {});
    throw error;
  }
  return takeBack;
}

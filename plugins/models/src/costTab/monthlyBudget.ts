import type { Entity } from '@backstage/catalog-model';
import { usdToNano } from '../budgets/usd';

const ANNOTATION = 'agentportal.dev/monthly-budget-usd';

/** What a month of an entity may cost in nano-USD, if its owner said so. */
export function monthlyBudgetOf(entity: Entity): number | undefined {
  const text = entity.metadata.annotations?.[ANNOTATION];
  return text === undefined ? undefined : usdToNano(text);
}

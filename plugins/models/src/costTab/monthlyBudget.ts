import type { Entity } from '@backstage/catalog-model';

const ANNOTATION = 'agentportal.dev/monthly-budget-usd';

/** What a month of an entity may cost in US dollars, if its owner said so. */
export function monthlyBudgetOf(entity: Entity): number | undefined {
  const amount = Number(entity.metadata.annotations?.[ANNOTATION]);
  return Number.isFinite(amount) && amount > 0 ? amount : undefined;
}

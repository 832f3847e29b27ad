import {
  MONTHLY_BUDGET_ANNOTATION,
  usdToNano,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';

/** What a month of an entity may cost in nano-USD, if its owner said so. */
export function monthlyBudgetOf(entity: Entity): number | undefined {
  const text = entity.metadata.annotations?.[MONTHLY_BUDGET_ANNOTATION];
  return text === undefined ? undefined : usdToNano(text);
}

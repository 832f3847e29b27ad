import type { AuthService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { type BudgetScopeType, DEFAULT_THRESHOLDS, scopeKey } from './budget';
import type { BudgetTerms } from './BudgetStore';
import { usdToNano } from './usd';

/** Dollars per month that the entity may spend on models, such as `"250"`. */
export const MONTHLY_BUDGET_ANNOTATION = 'agentportal.dev/monthly-budget-usd';

const SCOPES: Record<string, BudgetScopeType> = {
  agent: 'agent',
  system: 'system',
  domain: 'domain',
  group: 'owner',
};

/** Budgets that entities ask for in the catalog. */
export interface CatalogBudgets {
  budgets: Array<BudgetTerms & { by: string }>;
  /** Scopes whose annotation is not an amount; what they had stays. */
  unreadable: Set<string>;
  /** What is wrong with those, for the log. */
  problems: string[];
}

/** Reads the budgets that are written into entities. */
export async function readCatalogBudgets(
  catalog: CatalogService,
  auth: AuthService,
): Promise<CatalogBudgets> {
  const found: CatalogBudgets = {
    budgets: [],
    unreadable: new Set(),
    problems: [],
  };
  const pages = catalog.streamEntities(
    {
      filter: {
        [`metadata.annotations.${MONTHLY_BUDGET_ANNOTATION}`]:
          CATALOG_FILTER_EXISTS,
        kind: Object.keys(SCOPES),
      },
      fields: [
        'kind',
        'metadata.name',
        'metadata.namespace',
        'metadata.annotations',
      ],
    },
    { credentials: await auth.getOwnServiceCredentials() },
  );
  for await (const page of pages) {
    page.forEach(entity => readEntity(entity, found));
  }
  return found;
}

function readEntity(entity: Entity, found: CatalogBudgets): void {
  const type = SCOPES[entity.kind.toLocaleLowerCase('en-US')];
  const text = entity.metadata.annotations?.[MONTHLY_BUDGET_ANNOTATION];
  if (!type || text === undefined) {
    return;
  }
  const ref = stringifyEntityRef(entity);
  const limitNanoUsd = usdToNano(text);
  if (limitNanoUsd === undefined) {
    found.unreadable.add(scopeKey({ type, ref }));
    found.problems.push(
      `${ref} has a ${MONTHLY_BUDGET_ANNOTATION} that is not an amount in dollars such as "250" or "0.50"; its budget is left as it was`,
    );
    return;
  }
  found.budgets.push({
    scope: { type, ref },
    window: 'month',
    limitNanoUsd,
    softThresholds: DEFAULT_THRESHOLDS,
    by: ref,
  });
}

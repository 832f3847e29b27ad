import type { AuthService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  MONTHLY_BUDGET_ANNOTATION,
  usdToNano,
} from '@agentportal/plugin-agents-common';
import type { CatalogTrust } from '@agentportal/plugin-agents-node';
import { ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { type BudgetScopeType, DEFAULT_THRESHOLDS, scopeKey } from './budget';
import type { BudgetTerms } from './BudgetStore';

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
  /** What is wrong with those and with others, for the log. */
  problems: string[];
}

/**
 * Reads the budgets that are written into entities. An agent may bound its own spend,
 * whoever registered it; a system, domain or group bounds that of others, so its word
 * counts only from a trusted location.
 *
 * @param approved - what people have approved of agents' budgets, by ref: a bound for those
 *   that ask for more, or for none any more
 * @throws ServiceUnavailableError when the catalog lists nothing at all: it has not read its
 *   locations yet, and has not been told that nothing is limited
 */
export async function readCatalogBudgets(
  catalog: CatalogService,
  auth: AuthService,
  trust: CatalogTrust,
  approved: ReadonlyMap<string, string> = new Map(),
): Promise<CatalogBudgets> {
  const found: CatalogBudgets = {
    budgets: [],
    unreadable: new Set(),
    problems: [],
  };
  const credentials = await auth.getOwnServiceCredentials();
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
    { credentials },
  );
  let isEmpty = true;
  for await (const page of pages) {
    isEmpty &&= page.length === 0;
    page.forEach(entity => readEntity(entity, trust, found));
  }
  if (isEmpty) {
    const any = await catalog.queryEntities(
      { limit: 1, fields: ['kind'] },
      { credentials },
    );
    if (any.items.length === 0) {
      throw new ServiceUnavailableError('The catalog is empty.');
    }
  }
  const budgets = new Map(found.budgets.map(each => [each.by, each]));
  for (const [ref, text] of approved) {
    const bound = usdToNano(text);
    const said = budgets.get(ref)?.limitNanoUsd ?? Infinity;
    if (bound !== undefined && bound < said) {
      budgets.set(ref, budgetOf('agent', ref, bound));
    }
  }
  found.budgets = [...budgets.values()];
  return found;
}

function budgetOf(type: BudgetScopeType, ref: string, limitNanoUsd: number) {
  return {
    scope: { type, ref },
    window: 'month' as const,
    limitNanoUsd,
    softThresholds: DEFAULT_THRESHOLDS,
    by: ref,
  };
}

function readEntity(
  entity: Entity,
  trust: CatalogTrust,
  found: CatalogBudgets,
): void {
  const type = SCOPES[entity.kind.toLocaleLowerCase('en-US')];
  const text = entity.metadata.annotations?.[MONTHLY_BUDGET_ANNOTATION];
  if (!type || text === undefined) {
    return;
  }
  const ref = stringifyEntityRef(entity);
  if (type !== 'agent' && !trust.mayState('budget', { stating: entity })) {
    found.problems.push(
      `${ref} has a ${MONTHLY_BUDGET_ANNOTATION}, which would bound what others spend, and comes from no place that is trusted with it; name its location under catalog.locations or agents.trustedLocations, or set the budget in app-config`,
    );
    return;
  }
  const limitNanoUsd = usdToNano(text);
  if (limitNanoUsd === undefined) {
    found.unreadable.add(scopeKey({ type, ref }));
    found.problems.push(
      `${ref} has a ${MONTHLY_BUDGET_ANNOTATION} that is not an amount in dollars such as "250" or "0.50"; its budget is left as it was`,
    );
    return;
  }
  found.budgets.push(budgetOf(type, ref, limitNanoUsd));
}

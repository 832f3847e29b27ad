import {
  AuthorizeResult,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';
import type { Knex } from 'knex';

/** What a list may have: nothing, or what the criteria let through, or all. */
export function toFilter<TFilter>(
  decision: PolicyDecision,
  toCriteria: ConditionTransformer<TFilter>,
): { never: boolean; criteria?: PermissionCriteria<TFilter> } {
  return {
    never: decision.result === AuthorizeResult.DENY,
    criteria:
      decision.result === AuthorizeResult.CONDITIONAL
        ? toCriteria(decision.conditions)
        : undefined,
  };
}

/** Narrows a query to what criteria let through. */
export function whereCriteria<TFilter>(
  query: Knex.QueryBuilder,
  criteria: PermissionCriteria<TFilter> | undefined,
  /** Adds one filter; it must never be null, because not null is not true. */
  whereFilter: (query: Knex.QueryBuilder, filter: TFilter) => void,
): void {
  const add = (
    where: Knex.QueryBuilder,
    part: PermissionCriteria<TFilter>,
  ): void => {
    if (isAndCriteria(part)) {
      part.allOf.forEach(each =>
        where.andWhere((inner: Knex.QueryBuilder) => add(inner, each)),
      );
    } else if (isOrCriteria(part)) {
      part.anyOf.forEach(each =>
        where.orWhere((inner: Knex.QueryBuilder) => add(inner, each)),
      );
    } else if (isNotCriteria(part)) {
      where.whereNot((inner: Knex.QueryBuilder) => add(inner, part.not));
    } else {
      whereFilter(where, part as TFilter);
    }
  };
  if (criteria) {
    query.andWhere((where: Knex.QueryBuilder) => add(where, criteria));
  }
}

/** All filters of criteria, wherever they stand. */
export function filtersOf<TFilter>(
  criteria: PermissionCriteria<TFilter> | undefined,
): TFilter[] {
  if (!criteria) {
    return [];
  }
  if (isAndCriteria(criteria)) {
    return criteria.allOf.flatMap(each => filtersOf<TFilter>(each));
  }
  if (isOrCriteria(criteria)) {
    return criteria.anyOf.flatMap(each => filtersOf<TFilter>(each));
  }
  return isNotCriteria(criteria)
    ? filtersOf<TFilter>(criteria.not)
    : [criteria as TFilter];
}

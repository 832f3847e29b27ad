import { alternativesOf } from '@agentportal/plugin-agents-node';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';

/**
 * What a permission rule asks of a run, in a form that becomes SQL.
 *
 * @public
 */
export interface RunFilter {
  /** `creator` is who asked for the run, or for whom a service did. */
  key: 'creator' | 'agentOwner';
  values: string[];
}

/** Narrows a query on `orchestration_runs` to the runs that criteria allow. */
export function whereRunAllowed(
  query: Knex.QueryBuilder,
  criteria: PermissionCriteria<RunFilter> | undefined,
): void {
  if (criteria) {
    query.andWhere(group => applyCriteria(group, criteria));
  }
}

/** More values than a person has groups; then an index for each is no gain. */
const MAX_CONDITIONS = 100;

/**
 * The same as conditions of which each can be answered by an index in the order
 * of time, one for each value of a column: a run is allowed that fulfils one of
 * them. `undefined` when all runs are.
 */
export function runsAllowed(
  criteria: PermissionCriteria<RunFilter> | undefined,
): Array<(query: Knex.QueryBuilder) => void> | undefined {
  const filters = criteria && alternativesOf(criteria);
  if (!criteria || !filters) {
    return criteria && [query => whereRunAllowed(query, criteria)];
  }
  const conditions: Array<Record<string, string>> = [];
  for (const { key, values } of filters) {
    const columns =
      key === 'creator' ? ['created_by', 'on_behalf_of'] : ['agent_owner_ref'];
    for (const value of values) {
      conditions.push(...columns.map(column => ({ [column]: value })));
    }
  }
  return conditions.length > MAX_CONDITIONS
    ? [query => whereRunAllowed(query, criteria)]
    : conditions.map(condition => query => query.where(condition));
}

function applyCriteria(
  query: Knex.QueryBuilder,
  criteria: PermissionCriteria<RunFilter>,
): void {
  if ('allOf' in criteria) {
    for (const part of criteria.allOf) {
      query.andWhere(group => applyCriteria(group, part));
    }
  } else if ('anyOf' in criteria) {
    for (const part of criteria.anyOf) {
      query.orWhere(group => applyCriteria(group, part));
    }
  } else if ('not' in criteria) {
    query.whereNot(group => applyCriteria(group, criteria.not));
  } else if (criteria.key === 'creator') {
    const { values } = criteria;
    query
      .whereIn('created_by', values)
      .orWhere(named => whereKnownIn(named, 'on_behalf_of', values));
  } else {
    whereKnownIn(query, 'agent_owner_ref', criteria.values);
  }
}

/**
 * What criteria still ask of a run when the owner of its agent is known; true
 * or false when that decides.
 */
export function criteriaForOwner(
  criteria: PermissionCriteria<RunFilter>,
  ownerRef: string | undefined,
): PermissionCriteria<RunFilter> | boolean {
  if ('not' in criteria) {
    const left = criteriaForOwner(criteria.not, ownerRef);
    return typeof left === 'boolean' ? !left : { not: left };
  }
  if ('allOf' in criteria || 'anyOf' in criteria) {
    const [how, parts, decisive] =
      'allOf' in criteria
        ? (['allOf', criteria.allOf, false] as const)
        : (['anyOf', criteria.anyOf, true] as const);
    const left = parts.map(part => criteriaForOwner(part, ownerRef));
    const open = left.filter(part => typeof part !== 'boolean');
    if (left.includes(decisive) || open.length === 0) {
      return left.includes(decisive) ? decisive : !decisive;
    }
    return { [how]: open } as unknown as PermissionCriteria<RunFilter>;
  }
  return criteria.key === 'creator'
    ? criteria
    : ownerRef !== undefined && criteria.values.includes(ownerRef);
}

/** NULL IN (…) is NULL, whose NOT is not true; so NULL is ruled out first. */
function whereKnownIn(
  query: Knex.QueryBuilder,
  column: string,
  values: string[],
): void {
  query.whereNotNull(column).whereIn(column, values);
}

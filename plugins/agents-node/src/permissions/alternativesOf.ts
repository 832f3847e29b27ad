import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';

/**
 * Filters of which one has to hold; `undefined` when it is not that simple. Each can be
 * answered by an index of its own.
 *
 * @public
 */
export function alternativesOf<TFilter>(
  criteria: PermissionCriteria<TFilter>,
): TFilter[] | undefined {
  if (isOrCriteria(criteria)) {
    const parts = criteria.anyOf.map(each => alternativesOf<TFilter>(each));
    return parts.every(part => part !== undefined) ? parts.flat() : undefined;
  }
  if (isAndCriteria(criteria)) {
    return criteria.allOf.length === 1
      ? alternativesOf<TFilter>(criteria.allOf[0])
      : undefined;
  }
  return isNotCriteria(criteria) ? undefined : [criteria as TFilter];
}

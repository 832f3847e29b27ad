import { encodeCursor } from '@agentportal/plugin-agents-node';

/** Of a list whose caller does not say how much of it is wanted. */
export const DEFAULT_LIMIT = 25;

/**
 * A page of what was found, of which one more than fits was asked for, so that it
 * is known whether there is more.
 *
 * @param positionOf - where the next page begins after an item
 */
export function toPage<T>(
  found: T[],
  limit: number,
  positionOf: (last: T) => unknown,
): { items: T[]; nextCursor?: string } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    ...(found.length > limit &&
      last !== undefined && { nextCursor: encodeCursor(positionOf(last)) }),
  };
}

import { InputError } from '@backstage/errors';
import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import { z } from 'zod/v4';

const position = z.tuple([z.string()]);

/** A page of a list. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}

/**
 * The page behind a cursor. A cursor holds the key of the last item that was
 * seen, so that a list that grows meanwhile repeats and skips nothing.
 *
 * @throws InputError when the cursor is of another list.
 */
export function pageAfter<T>(options: {
  items: T[];
  keyOf: (item: T) => string;
  cursor?: string;
  limit: number;
  /** Whether the items stand in order of their keys; else they are ranked. */
  ranked?: boolean;
}): Page<T> {
  const { items, keyOf, limit } = options;
  const last = decodeCursor(options.cursor, position);
  const start = last
    ? startAfter(items.map(keyOf), last[0], options.ranked)
    : 0;
  const page = items.slice(start, start + limit);
  const more = start + limit < items.length;
  return {
    items: page,
    ...(more
      ? { nextCursor: encodeCursor([keyOf(page[page.length - 1])]) }
      : {}),
  };
}

function startAfter(keys: string[], last: string, ranked?: boolean): number {
  if (ranked) {
    const index = keys.indexOf(last);
    if (index < 0) {
      throw new InputError(
        'The search results have changed. Start again without a cursor.',
      );
    }
    return index + 1;
  }
  const index = keys.findIndex(key => key > last);
  return index < 0 ? keys.length : index;
}

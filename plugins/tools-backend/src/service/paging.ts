import { InputError } from '@backstage/errors';

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
  const start =
    options.cursor === undefined
      ? 0
      : startAfter(items.map(keyOf), read(options.cursor), options.ranked);
  const page = items.slice(start, start + limit);
  const more = start + limit < items.length;
  return {
    items: page,
    ...(more ? { nextCursor: write(keyOf(page[page.length - 1])) } : {}),
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

function write(key: string): string {
  return Buffer.from(JSON.stringify([key])).toString('base64url');
}

function read(cursor: string): string {
  try {
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && typeof value[0] === 'string') {
      return value[0];
    }
  } catch {
    // Answered below.
  }
  throw new InputError(
    'That is no cursor of this list. Use the nextCursor of the page before, or start again without one.',
  );
}

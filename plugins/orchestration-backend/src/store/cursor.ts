import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

/** The place after which a page begins: newest first, ties broken by id. */
export interface PagePosition {
  at: number;
  id: string;
}

const positionSchema = z.tuple([z.number().int(), z.string().max(64)]);

/** Writes a position as the opaque string that clients send back. */
export function encodeCursor(position: PagePosition): string {
  return Buffer.from(JSON.stringify([position.at, position.id])).toString(
    'base64url',
  );
}

/** Reads a cursor; anything that we did not write is refused. */
export function decodeCursor(cursor: string): PagePosition {
  try {
    const [at, id] = positionSchema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
    return { at, id };
  } catch {
    throw new InputError(
      'The cursor is not one that this list gave out. Leave it out to start from the first page.',
    );
  }
}

/** Turns one row too many into a cursor: fetch `limit + 1`, keep `limit`. */
export function toPage<T>(
  rows: T[],
  limit: number,
  positionOf: (row: T) => PagePosition,
): { rows: T[]; nextCursor?: string } {
  if (rows.length <= limit) {
    return { rows };
  }
  const kept = rows.slice(0, limit);
  return { rows: kept, nextCursor: encodeCursor(positionOf(kept[limit - 1])) };
}

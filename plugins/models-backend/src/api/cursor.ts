import { InputError } from '@backstage/errors';
import type { z } from 'zod/v4';

/** Writes where the next page begins, as text that callers need not understand. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor of ours; anything else is the caller's mistake. */
export function decodeCursor<T>(
  cursor: string | undefined,
  schema: z.ZodType<T>,
): T | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  try {
    return schema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
  } catch {
    throw new InputError(
      'The cursor is not one of this list; ask for the first page without a cursor.',
    );
  }
}

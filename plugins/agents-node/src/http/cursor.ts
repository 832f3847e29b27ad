import { InputError } from '@backstage/errors';
import type { z } from 'zod/v4';

/**
 * Writes where the next page begins, as text that callers need not understand.
 *
 * @public
 */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} wrote.
 *
 * @throws InputError when it is not one of this list
 * @public
 */
export function decodeCursor<T>(
  cursor: string | undefined,
  schema: z.ZodType<T>,
): T | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  try {
    return schema.parse(
      JSON.parse(
        Buffer.from(cursor, 'base64url').toString('utf8'),
        (_, value) => {
          // PostgreSQL takes no text with it, so none is in a list.
          if (typeof value === 'string' && value.includes('\u0000')) {
            throw new TypeError('U+0000');
          }
          return value;
        },
      ),
    );
  } catch {
    throw new InputError(
      'The cursor is not one of this list; ask for the first page without a cursor.',
    );
  }
}

import { InputError } from '@backstage/errors';
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { AgentListRequest } from './AgentFilter';

const cursorSchema = z.object({
  /** How many agents the pages before held. */
  offset: z.number().int().nonnegative(),
  /** How many of all are the caller's own, counted for the first page. */
  mine: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
  /** Which filters it belongs to. */
  filter: z.string(),
});

/** Where a list goes on. */
export type ListPosition = Omit<z.infer<typeof cursorSchema>, 'filter'>;

/** Writes a cursor that only fits the filters of its request. */
export function writeCursor(
  position: ListPosition,
  request: AgentListRequest,
): string {
  const value = { ...position, filter: fingerprint(request) };
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Reads the cursor of a request, if it has one. */
export function readCursor(
  request: AgentListRequest,
): ListPosition | undefined {
  if (!request.cursor) {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(request.cursor, 'base64url').toString());
  } catch {
    value = undefined;
  }
  const { data } = cursorSchema.safeParse(value);
  if (!data || data.filter !== fingerprint(request)) {
    throw new InputError(
      'The cursor does not belong to this list; ask for the first page without a cursor, and keep the filters while paging',
    );
  }
  return data;
}

function fingerprint(request: AgentListRequest): string {
  const { cursor, limit, ...filter } = request;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(filter).sort()))
    .digest('base64url')
    .slice(0, 12);
}

import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { decodeCursor, encodeCursor } from '../http/cursor';

const positionSchema = z.tuple([z.number().int(), z.string().max(64)]);

/**
 * Reads a page of rows, the newest first by a column of times in milliseconds, ties
 * broken by id: one row more than asked for tells whether there is a next page.
 *
 * @public
 */
export async function readPage<Row extends { id: string }>(
  select: Knex.QueryBuilder,
  column: keyof Row & string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ rows: Row[]; nextCursor?: string }> {
  const position = decodeCursor(cursor, positionSchema);
  if (position) {
    const [at, id] = position;
    select.andWhere(place =>
      place
        .where(column, '<', at)
        .orWhere(tie => tie.where(column, at).andWhere('id', '<', id)),
    );
  }
  const rows: Row[] = await select
    .orderBy([
      { column, order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit + 1);
  if (rows.length <= limit) {
    return { rows };
  }
  const kept = rows.slice(0, limit);
  const last = kept[limit - 1];
  return {
    rows: kept,
    nextCursor: encodeCursor([Number(last[column]), last.id]),
  };
}

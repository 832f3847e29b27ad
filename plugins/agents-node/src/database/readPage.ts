import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { decodeCursor, encodeCursor } from '../http/cursor';

const positionSchema = z.tuple([z.number().int(), z.string().max(64)]);

/**
 * Leaves the rows of a page and one more, the newest first by a column of times in
 * milliseconds, ties broken by id.
 *
 * @public
 */
export function narrowToPage(
  select: Knex.QueryBuilder,
  columns: { at: string; id: string },
  { limit, cursor }: { limit: number; cursor?: string },
): Knex.QueryBuilder {
  const position = decodeCursor(cursor, positionSchema);
  if (position) {
    const [at, id] = position;
    select.andWhere(place =>
      place
        .where(columns.at, '<', at)
        .orWhere(tie =>
          tie.where(columns.at, at).andWhere(columns.id, '<', id),
        ),
    );
  }
  return select
    .orderBy([
      { column: columns.at, order: 'desc' },
      { column: columns.id, order: 'desc' },
    ])
    .limit(limit + 1);
}

/**
 * Reads a page of rows as {@link narrowToPage} leaves them: one row more than asked for
 * tells whether there is a next page.
 *
 * @public
 */
export async function readPage<Row extends { id: string }>(
  select: Knex.QueryBuilder,
  column: keyof Row & string,
  page: { limit: number; cursor?: string },
): Promise<{ rows: Row[]; nextCursor?: string }> {
  const { limit } = page;
  const rows: Row[] = await narrowToPage(
    select,
    { at: column, id: 'id' },
    page,
  );
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

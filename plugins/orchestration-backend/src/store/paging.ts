import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { z } from 'zod/v4';

const positionSchema = z.tuple([z.number().int(), z.string().max(64)]);

/**
 * Reads a page of rows, the newest first by a column of times, ties broken by
 * id: one row more than asked for tells whether there is a next page.
 *
 * Which rows they are is found by index before any of them is read, because
 * rows hold whole conversations. An index gives rows in order for one value of
 * a column only, so rows that one of several conditions lets through are looked
 * for by each condition alone.
 */
export async function readPage<Row extends { id: string }>(
  knex: Knex,
  from: {
    table: string;
    /** The time. */
    column: keyof Row & string;
    /** What of the rows is read; all columns unless told. */
    columns?: Array<string | Knex.Raw>;
    /** What all rows must fulfil. */
    where: (select: Knex.QueryBuilder) => void;
    /** Of these each row must fulfil at least one. */
    anyOf?: Array<(select: Knex.QueryBuilder) => void>;
  },
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ rows: Row[]; nextCursor?: string }> {
  const { table, column, columns = ['*'], where } = from;
  const position = decodeCursor(cursor, positionSchema);
  const newest = [
    { column, order: 'desc' },
    { column: 'id', order: 'desc' },
  ];
  const parts = (from.anyOf ?? [() => {}]).map((narrow, i) => {
    const part = knex(table).select('id', column);
    where(part);
    narrow(part);
    if (position) {
      const [at, id] = position;
      part.andWhere(place =>
        place
          .where(column, '<', at)
          .orWhere(tie => tie.where(column, at).andWhere('id', '<', id)),
      );
    }
    part.orderBy(newest).limit(limit + 1);
    return knex.select('id', column).from(part.as(`part_${i}`));
  });
  if (!parts.length) {
    return { rows: [] };
  }
  const places: Row[] = await knex
    .distinct('id', column)
    .from(knex.unionAll(parts).as('places'))
    .orderBy(newest)
    .limit(limit + 1);
  const kept = places.slice(0, limit);
  const found: Row[] = await knex(table)
    .select(columns as string[])
    .whereIn(
      'id',
      kept.map(({ id }) => id),
    );
  const byId = new Map(found.map(row => [row.id, row]));
  const last = kept.at(-1);
  return {
    rows: kept.flatMap(({ id }) => byId.get(id) ?? []),
    ...(places.length > limit && last
      ? { nextCursor: encodeCursor([Number(last[column]), last.id]) }
      : {}),
  };
}

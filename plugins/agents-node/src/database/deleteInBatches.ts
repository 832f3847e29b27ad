import type { Knex } from 'knex';

/** Rows of one transaction, so that whoever writes meanwhile does not wait. */
const BATCH = 500;

/**
 * Deletes rows of a table until there are none or it is told to stop.
 *
 * @param which - narrows a query to the rows
 * @public
 */
export async function deleteInBatches(
  knex: Knex,
  { table, key }: { table: string; key: string },
  which: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
  signal?: AbortSignal,
): Promise<void> {
  let removed = BATCH;
  while (removed === BATCH && !signal?.aborted) {
    const keys = await which(knex(table)).limit(BATCH).pluck(key);
    removed = keys.length;
    await knex(table).whereIn(key, keys).delete();
  }
}

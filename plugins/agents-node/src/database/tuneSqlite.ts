import type { Knex } from 'knex';

/**
 * Lets SQLite append commits to a log instead of waiting for the disk at each one,
 * which it does on the thread that serves everybody. A commit survives the end of the
 * process; the last ones may not survive that of the machine, and where that matters
 * the data belongs on PostgreSQL, for which this does nothing.
 *
 * @public
 */
export async function tuneSqlite(knex: Knex): Promise<void> {
  if (knex.client.config.client === 'better-sqlite3') {
    await knex.raw('PRAGMA journal_mode = WAL');
    await knex.raw('PRAGMA synchronous = NORMAL');
  }
}

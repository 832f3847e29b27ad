import type { Knex } from 'knex';

/**
 * Whether a connection or a transaction is one of SQLite, and not of PostgreSQL.
 *
 * @public
 */
export function isSqlite(knex: Knex): boolean {
  return String(knex.client.config.client).includes('sqlite');
}

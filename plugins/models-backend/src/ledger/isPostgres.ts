import type { Knex } from 'knex';

/** Whether several machines may share the database. */
export function isPostgres(db: Knex): boolean {
  return String(db.client.config.client).startsWith('pg');
}

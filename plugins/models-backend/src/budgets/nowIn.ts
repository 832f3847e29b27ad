import type { Knex } from 'knex';
import { isPostgres } from '../ledger/PostgresConnection';

/** The time by the clock of the database, which all processes share; ms since the epoch. */
export function nowIn(db: Knex): Knex.Raw {
  return isPostgres(db)
    ? db.raw('(extract(epoch from clock_timestamp()) * 1000)::bigint')
    : db.raw("cast((julianday('now') - 2440587.5) * 86400000 as integer)");
}

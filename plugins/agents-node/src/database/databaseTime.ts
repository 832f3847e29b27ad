import type { Knex } from 'knex';
import { isSqlite } from './isSqlite';

/**
 * The clock of the database, in milliseconds since the epoch, as an expression.
 * Clocks of machines differ by seconds; moments that one process writes and
 * another one judges are told by this one.
 *
 * @param plusMs - added to it; negative for a moment that has passed
 * @public
 */
export function databaseTime(knex: Knex, plusMs = 0): Knex.Raw {
  const now = isSqlite(knex)
    ? `unixepoch('subsec') * 1000`
    : `extract(epoch FROM clock_timestamp()) * 1000`;
  return knex.raw(`CAST(${now} AS bigint) + ${Math.round(plusMs)}`);
}

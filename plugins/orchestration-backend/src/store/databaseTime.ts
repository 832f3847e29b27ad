import type { Knex } from 'knex';

/**
 * The clock of the database, in milliseconds since the epoch, as an expression.
 * Clocks of machines differ by seconds; moments that one process writes and
 * another one judges are told by this one.
 *
 * @param plusMs - added to it; negative for a moment that has passed
 */
export function databaseTime(knex: Knex, plusMs = 0): Knex.Raw {
  const client = String(knex.client.config.client);
  const now = client.includes('sqlite')
    ? `unixepoch('subsec') * 1000`
    : `extract(epoch FROM clock_timestamp()) * 1000`;
  return knex.raw(`CAST(${now} AS bigint) + ${Math.round(plusMs)}`);
}

import type { Knex } from 'knex';

/**
 * The clock of the database, in milliseconds since the epoch, as an expression: moments that
 * one replica writes are judged by another, and clocks of machines differ.
 *
 * @param plusMs - added to it
 */
export function databaseTime(knex: Knex, plusMs = 0): Knex.Raw {
  const now = String(knex.client.config.client).includes('sqlite')
    ? `unixepoch('subsec') * 1000`
    : `extract(epoch FROM clock_timestamp()) * 1000`;
  return knex.raw(`CAST(${now} AS bigint) + ${Math.round(plusMs)}`);
}

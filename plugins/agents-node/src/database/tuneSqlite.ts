import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';

const MAX_STATEMENTS = 500;
/** Statements that change no table's columns. */
const LASTING =
  /^\s*(select|insert|update|delete|with|begin|commit|rollback|savepoint|release)\b/i;

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
    await rememberStatements(knex);
  }
}

interface Connection {
  prepare(sql: string): unknown;
}

/**
 * Keeps prepared statements of the one connection. Knex prepares each query anew, which
 * takes SQLite longer than most of the queries themselves.
 */
async function rememberStatements(knex: Knex): Promise<void> {
  const connection: Connection = await knex.client.acquireConnection();
  const statements = new LRUCache<string, {}>({ max: MAX_STATEMENTS });
  const prepare = connection.prepare.bind(connection);
  connection.prepare = sql => {
    if (!LASTING.test(sql)) {
      // It may change what the others mean.
      statements.clear();
      return prepare(sql);
    }
    const known = statements.get(sql);
    if (known) {
      return known;
    }
    const statement = prepare(sql) as {};
    statements.set(sql, statement);
    return statement;
  };
  await knex.client.releaseConnection(connection);
}

import { tuneSqlite } from '@agentportal/plugin-agents-node';
import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Where the migrations of this plugin lie. */
export const MIGRATIONS_DIRECTORY = resolvePackagePath(
  '@agentportal/plugin-governance-backend',
  'migrations',
);

/** Opens the plugin's database and brings its tables up to date. */
export async function openDatabase(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  await makeDurable(knex);
  if (!database.migrations?.skip) {
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  }
  return knex;
}

/**
 * On SQLite each commit waits for the disk, so that an entry that was acknowledged
 * survives the end of the machine as well. Many entries share one commit.
 */
export async function makeDurable(knex: Knex): Promise<void> {
  await tuneSqlite(knex);
  if (isSqlite(knex)) {
    await knex.raw('PRAGMA synchronous = FULL');
    // The ends of all indexes stay in memory (kB), and are copied to the file less often.
    await knex.raw('PRAGMA cache_size = -65536');
    await knex.raw('PRAGMA wal_autocheckpoint = 8000');
  }
}

export function isSqlite(knex: Knex): boolean {
  return String(knex.client.config.client).includes('sqlite');
}

type ColumnType = 'integer' | 'bigint' | 'text';

/** What is used of better-sqlite3. */
interface SqliteDatabase {
  prepare(sql: string): { run(...values: unknown[]): unknown };
}

const prepared = new WeakMap<
  SqliteDatabase,
  Map<string, ReturnType<SqliteDatabase['prepare']>>
>();

/** Each text of SQL once for each connection; half of what a row costs is its text. */
function prepareOnce(database: SqliteDatabase, sql: string) {
  const known = prepared.get(database) ?? new Map();
  prepared.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}

/**
 * Inserts many rows in the way that is fastest on each database.
 *
 * @param columns - with the types that PostgreSQL reads them by
 */
export async function insertRows<Column extends string>(
  tx: Knex.Transaction,
  table: string,
  columns: Record<Column, ColumnType>,
  rows: Array<Record<Column, string | number | null>>,
  suffix = '',
): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const names = Object.keys(columns) as Column[];
  const list = names.map(name => `"${name}"`).join(', ');
  const insert = `insert into "${table}" (${list})`;
  if (isSqlite(tx)) {
    // The connection of the transaction, which alone gives it back.
    const database: SqliteDatabase = await tx.client.acquireConnection();
    const statement = prepareOnce(
      database,
      `${insert} values (${names.map(() => '?').join(', ')}) ${suffix}`,
    );
    for (const values of rows) {
      statement.run(names.map(name => values[name]));
    }
    return;
  }
  // A list for each column: JSON of the rows takes longer, on both sides.
  const lists = names.map(name => `?::${columns[name]}[]`).join(', ');
  await tx.raw(
    `${insert} select * from unnest(${lists}) ${suffix}`,
    names.map(name => rows.map(values => values[name])) as never[],
  );
}

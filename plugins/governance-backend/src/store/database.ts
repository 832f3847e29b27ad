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
  }
}

export function isSqlite(knex: Knex): boolean {
  return String(knex.client.config.client).includes('sqlite');
}

type ColumnType = 'integer' | 'bigint' | 'text';

/**
 * Inserts many rows in one statement with one parameter, which is several times
 * faster than one parameter for each value.
 */
export async function insertRows(
  tx: Knex,
  table: string,
  columns: Record<string, ColumnType>,
  rows: object[],
  suffix = '',
): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const names = Object.keys(columns);
  const list = names.map(name => `"${name}"`).join(', ');
  const source = isSqlite(tx)
    ? `select ${names
        .map(name => `json_extract(value, '$.${name}')`)
        // Without the condition "on conflict" would be read as a join.
        .join(', ')} from json_each(?) where true`
    : `select ${list} from json_to_recordset(?::json) as rows(${names
        .map(name => `"${name}" ${columns[name]}`)
        .join(', ')})`;
  await tx.raw(`insert into "${table}" (${list}) ${source} ${suffix}`, [
    JSON.stringify(rows),
  ]);
}

import { isSqlite, tuneSqlite } from '@agentportal/plugin-agents-node';
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

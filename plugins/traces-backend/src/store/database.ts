import { isSqlite, tuneSqlite } from '@agentportal/plugin-agents-node';
import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { SpanKind } from '@agentportal/plugin-traces-common';
import type { Knex } from 'knex';

/** Where the migrations of this plugin lie. */
export const MIGRATIONS_DIRECTORY = resolvePackagePath(
  '@agentportal/plugin-traces-backend',
  'migrations',
);

/** Opens the plugin's database and brings its tables up to date. */
export async function openDatabase(database: DatabaseService): Promise<Knex> {
  const knex = await database.getClient();
  if (!database.migrations?.skip) {
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  }
  await tuneForTraces(knex);
  return knex;
}

/** The ends of all indexes stay in memory (kB), and are copied to the file less often. */
export async function tuneForTraces(knex: Knex): Promise<void> {
  await tuneSqlite(knex);
  if (isSqlite(knex)) {
    await knex.raw('PRAGMA cache_size = -65536');
    await knex.raw('PRAGMA wal_autocheckpoint = 8000');
  }
}

/** Kinds of spans as they are stored; 0 stands for whole traces in roll-ups. */
export const KINDS = [
  'trace',
  'agent',
  'model',
  'tool',
  'retrieval',
  'guard',
  'workflow',
  'other',
] as const satisfies ReadonlyArray<SpanKind | 'trace'>;

export function kindNumber(kind: SpanKind | 'trace'): number {
  return KINDS.indexOf(kind);
}

/** How a trace is kept. */
export const KEPT = { undecided: 0, longer: 1, summary: 2 } as const;

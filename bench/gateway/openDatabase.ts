import { randomBytes } from 'node:crypto';
import path from 'node:path';
import knexFactory, { type Knex } from 'knex';

/** A database for one run of the bench. */
export interface BenchDatabase {
  db: Knex;
  /** Leaves nothing behind on a server; a folder is removed by whoever made it. */
  remove(): Promise<void>;
}

/** A SQLite file in a folder, or a schema of its own on a PostgreSQL server. */
export async function openDatabase(
  folder: string,
  postgresUrl?: string,
): Promise<BenchDatabase> {
  if (!postgresUrl) {
    const db = knexFactory({
      client: 'better-sqlite3',
      connection: { filename: path.join(folder, 'models.sqlite') },
      useNullAsDefault: true,
    });
    return { db, remove: async () => {} };
  }
  const schema = `bench_${randomBytes(6).toString('hex')}`;
  const db = knexFactory({
    client: 'pg',
    connection: postgresUrl,
    searchPath: [schema],
  });
  await db.schema.createSchema(schema);
  return {
    db,
    remove: async () => {
      await db.schema.dropSchema(schema, true);
    },
  };
}

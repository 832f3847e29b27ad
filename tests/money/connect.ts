import knexFactory, { type Knex } from 'knex';

/** A PostgreSQL by its address, or else a SQLite file. */
export function connect(database: string): Knex {
  return database.startsWith('postgres')
    ? knexFactory({
        client: 'pg',
        connection: database,
        pool: { min: 0, max: 10 },
        acquireConnectionTimeout: 5_000,
      })
    : knexFactory({
        client: 'better-sqlite3',
        connection: { filename: database },
        useNullAsDefault: true,
        pool: { min: 1, max: 1 },
      });
}

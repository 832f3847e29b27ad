import type { Knex } from 'knex';

/** What is used of a client of `pg`. */
interface Client {
  query(
    sql: string,
    values?: unknown[],
  ): Promise<{ rows: any[]; rowCount: number | null }>;
}

/**
 * Short transactions on PostgreSQL with fixed statements, without the query
 * builder. They take the connection from knex's pool.
 */
export class PostgresConnection {
  readonly #client: Knex.Client;

  constructor(db: Knex) {
    this.#client = db.client;
  }

  /** Commits what `work` did, or nothing of it. */
  async transaction<T>(
    work: (query: Client['query']) => Promise<T>,
  ): Promise<T> {
    const client: Client = await this.#client.acquireConnection();
    try {
      await client.query('begin');
      const result = await work((sql, values) => client.query(sql, values));
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection that is lost has rolled back already, and its pool drops it.
      await client.query('rollback').catch(() => {});
      throw error;
    } finally {
      await this.#client.releaseConnection(client);
    }
  }
}

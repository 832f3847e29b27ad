import { hash } from 'node:crypto';
import type { Knex } from 'knex';

/** What is used of a client of `pg`. */
interface Client {
  query(query: { text: string; values?: unknown[]; name?: string }): Promise<{
    rows: any[];
    rowCount: number | null;
  }>;
}

type Query = (text: string, values?: unknown[]) => ReturnType<Client['query']>;

/**
 * A pooler between us and the server does not keep prepared statements, or a
 * migration has changed what one of them returns.
 */
const NOT_PREPARED: ReadonlySet<string> = new Set(['26000', '42P05', '0A000']);

/**
 * Short transactions on PostgreSQL with fixed statements, without the query
 * builder. They take the connection from knex's pool. Each connection prepares a
 * statement once, because the server needs longer to plan one than to run it;
 * where that does not work, it is not tried again.
 */
export class PostgresConnection {
  readonly #client: Knex.Client;
  readonly #names = new Map<string, string>();
  #prepares = true;

  constructor(db: Knex) {
    this.#client = db.client;
  }

  /**
   * Commits what `work` did, or nothing of it.
   *
   * @param work - may be called a second time
   */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    try {
      return await this.#once(work);
    } catch (error) {
      const code = String((error as { code?: unknown } | null)?.code);
      if (this.#prepares && NOT_PREPARED.has(code)) {
        this.#prepares = false;
        return this.#once(work);
      }
      throw error;
    }
  }

  async #once<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client: Client = await this.#client.acquireConnection();
    try {
      await client.query({ text: 'begin' });
      const result = await work((text, values) =>
        client.query({ text, values, name: this.#nameOf(text) }),
      );
      await client.query({ text: 'commit' });
      return result;
    } catch (error) {
      // A connection that is lost has rolled back already, and its pool drops it.
      await client.query({ text: 'rollback' }).catch(() => {});
      throw error;
    } finally {
      await this.#client.releaseConnection(client);
    }
  }

  #nameOf(text: string): string | undefined {
    if (!this.#prepares) {
      return undefined;
    }
    let name = this.#names.get(text);
    if (name === undefined) {
      // By its text, because others may prepare statements on the connection too.
      name = `agent_portal_${hash('sha1', text)}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** Whether several machines may share the database. */
export function isPostgres(db: Knex): boolean {
  return String(db.client.config.client).startsWith('pg');
}

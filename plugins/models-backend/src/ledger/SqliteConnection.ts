import type { Knex } from 'knex';

/** What is used of better-sqlite3's database and statement. */
interface Database {
  inTransaction: boolean;
  pragma(source: string): unknown;
  prepare(sql: string): Statement;
}

/** A prepared statement of better-sqlite3. */
export interface Statement {
  run(...values: unknown[]): { changes: number };
  get(...values: unknown[]): any;
  /** Rows are their first column. */
  pluck(): Statement;
}

/** Prepares each text of SQL once. */
export type Prepare = (sql: string) => Statement;

const MAX_STATEMENTS = 200;

const DATA_VERSION = 'pragma data_version';
const TOTAL_CHANGES = 'select total_changes()';

/** What is known of a connection. */
interface Known {
  prepare: Prepare;
  /** Changes whenever another connection has written. */
  dataVersion?: number;
  /** Grows with every row that is written over this connection. */
  totalChanges?: number;
}

/**
 * Short transactions on SQLite without the query builder, which costs several
 * times what the statements do. They take the connection from knex's pool, so
 * they never run in the middle of somebody else's transaction.
 */
export class SqliteConnection {
  readonly #client: Knex.Client;
  readonly #connections = new WeakMap<Database, Known>();

  private constructor(client: Knex.Client) {
    this.#client = client;
  }

  /** `undefined` when the database is not SQLite. */
  static of(db: Knex): SqliteConnection | undefined {
    return String(db.client.config.client) === 'better-sqlite3'
      ? new SqliteConnection(db.client)
      : undefined;
  }

  /** Sets the connection up for many small transactions, before there are tables. */
  async tune(): Promise<void> {
    const database: Database = await this.#client.acquireConnection();
    try {
      // Every commit writes whole pages, one for each index. Only a file that is
      // new takes their size.
      database.pragma('page_size = 2048');
      // Readers do not wait for the writer, and a commit survives the end of the
      // process, though the last ones may not survive that of the machine; where
      // that matters, the ledger belongs on PostgreSQL.
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      // Every call touches the same pages of many indexes: keep them at hand, and
      // copy them from the log into the file less often.
      database.pragma('cache_size = -16000');
      database.pragma('wal_autocheckpoint = 8000');
    } finally {
      await this.#client.releaseConnection(database);
    }
  }

  /**
   * Runs `work`, which must not wait for anything, in one transaction that has
   * the only right to write from its beginning. `untouched` says whether nobody
   * has written since the last such transaction of this object.
   */
  async transaction<T>(
    work: (prepare: Prepare, untouched: boolean) => T,
  ): Promise<T> {
    const database: Database = await this.#client.acquireConnection();
    const known = this.#knownOf(database);
    const { prepare } = known;
    const read = (sql: string) => prepare(sql).pluck().get();
    try {
      prepare('begin immediate').run();
      const dataVersion = read(DATA_VERSION);
      const untouched =
        dataVersion === known.dataVersion &&
        read(TOTAL_CHANGES) === known.totalChanges;
      known.totalChanges = undefined;
      const result = work(prepare, untouched);
      prepare('commit').run();
      known.dataVersion = dataVersion;
      known.totalChanges = read(TOTAL_CHANGES);
      return result;
    } catch (error) {
      if (database.inTransaction) {
        prepare('rollback').run();
      }
      throw error;
    } finally {
      void this.#client.releaseConnection(database);
    }
  }

  #knownOf(database: Database): Known {
    const found = this.#connections.get(database);
    if (found) {
      return found;
    }
    const statements = new Map<string, Statement>();
    const known: Known = {
      prepare(sql) {
        let statement = statements.get(sql);
        if (!statement) {
          if (statements.size >= MAX_STATEMENTS) {
            statements.clear();
          }
          statement = database.prepare(sql);
          statements.set(sql, statement);
        }
        return statement;
      },
    };
    this.#connections.set(database, known);
    return known;
  }
}

import type { Knex } from 'knex';

type Row = Record<string, unknown>;

/** What is used of better-sqlite3's database and statement. */
interface Database {
  inTransaction: boolean;
  pragma(source: string): unknown;
  prepare(sql: string): Statement;
  exec(sql: string): void;
}

interface Statement {
  run(...values: unknown[]): { changes: number };
}

/** Writes inside of a transaction; each returns how many rows changed. */
export interface SqliteWrites {
  insert(table: string, values: Row): number;
  update(table: string, values: Row, where: string, id: string): number;
}

const MAX_STATEMENTS = 200;

/**
 * Short transactions on SQLite without the query builder, which costs several
 * times what the statements do. They take the connection from knex's pool, so
 * they never run in the middle of somebody else's transaction.
 */
export class SqliteConnection {
  readonly #client: Knex.Client;
  readonly #statements = new WeakMap<Database, Map<string, Statement>>();

  private constructor(client: Knex.Client) {
    this.#client = client;
  }

  /** `undefined` when the database is not SQLite. */
  static of(db: Knex): SqliteConnection | undefined {
    return String(db.client.config.client) === 'better-sqlite3'
      ? new SqliteConnection(db.client)
      : undefined;
  }

  /** Sets the connection up for many small transactions. */
  async tune(): Promise<void> {
    const database: Database = await this.#client.acquireConnection();
    try {
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

  /** Resolves once what `work` wrote is committed; it must not wait for anything. */
  async transaction(work: (run: SqliteWrites) => void): Promise<void> {
    const database: Database = await this.#client.acquireConnection();
    try {
      const prepared = this.#preparedOn(database);
      database.exec('begin immediate');
      work({
        insert: (table, values) => {
          const columns = Object.keys(values);
          const sql = `insert into ${table} (${columns.join(
            ', ',
          )}) values (${columns.map(() => '?').join(', ')})`;
          return prepared(sql).run(...bindings(values)).changes;
        },
        update: (table, values, where, id) => {
          const sets = Object.keys(values).map(column => `${column} = ?`);
          const sql = `update ${table} set ${sets.join(', ')} where ${where}`;
          return prepared(sql).run(...bindings(values), id).changes;
        },
      });
      database.exec('commit');
    } catch (error) {
      if (database.inTransaction) {
        database.exec('rollback');
      }
      throw error;
    } finally {
      await this.#client.releaseConnection(database);
    }
  }

  #preparedOn(database: Database): (sql: string) => Statement {
    let known = this.#statements.get(database);
    if (!known) {
      known = new Map();
      this.#statements.set(database, known);
    }
    const statements = known;
    return sql => {
      let statement = statements.get(sql);
      if (!statement) {
        if (statements.size >= MAX_STATEMENTS) {
          statements.clear();
        }
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    };
  }
}

function bindings(values: Row): unknown[] {
  return Object.values(values).map(value =>
    typeof value === 'boolean' ? Number(value) : value ?? null,
  );
}

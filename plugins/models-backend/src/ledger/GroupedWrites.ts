import type { Knex } from 'knex';
import { SqliteConnection } from './SqliteConnection';
import { CALLS } from './tables';

type Row = Record<string, unknown>;

interface Write {
  /** Of the row to end; absent for a row to insert. */
  id?: string;
  values: Row;
  resolve: (changed: number) => void;
  reject: (error: unknown) => void;
}

/**
 * A call that has not ended, or that was given up as unreconciled and takes the
 * true figures after all, and for which no budget holds anything.
 */
const NOT_ENDED =
  "id = ? and status in ('started', 'unreconciled') and held_nano_usd is null";

/**
 * Writes of calls that are under way at the same time, committed together. The
 * commit is most of what a write costs, and those who wait for one can share it:
 * nothing resolves before the transaction that it is part of is durable.
 */
export class GroupedWrites {
  readonly #db: Knex;
  readonly #sqlite?: SqliteConnection;
  #waiting: Write[] = [];

  constructor(db: Knex) {
    this.#db = db;
    this.#sqlite = SqliteConnection.of(db);
  }

  async insert(values: Row): Promise<void> {
    await this.#write({ values });
  }

  /** @returns whether there was a call to end */
  async end(id: string, values: Row): Promise<boolean> {
    const changed = this.#sqlite
      ? await this.#write({ id, values })
      : await this.#db(CALLS).whereRaw(NOT_ENDED, [id]).update(values);
    return changed > 0;
  }

  #write(write: Pick<Write, 'id' | 'values'>): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) {
        // What other sockets bring in this turn of the event loop joins in.
        setImmediate(() => {
          void (this.#sqlite ? this.#flushSqlite(this.#sqlite) : this.#flush());
        });
      }
      this.#waiting.push({ ...write, resolve, reject });
    });
  }

  async #flush(): Promise<void> {
    const writes = this.#take();
    try {
      await this.#db(CALLS).insert(writes.map(write => write.values));
      writes.forEach(write => write.resolve(1));
    } catch (error) {
      if (writes.length === 1) {
        writes[0].reject(error);
        return;
      }
      // One row that the database refuses must not fail the calls of others.
      for (const { values, resolve, reject } of writes) {
        this.#db(CALLS)
          .insert(values)
          .then(() => resolve(1), reject);
      }
    }
  }

  /** One bad write fails alone; a transaction that fails fails them all. */
  async #flushSqlite(sqlite: SqliteConnection): Promise<void> {
    let writes: Write[] = [];
    const ends: Array<() => void> = [];
    try {
      await sqlite.transaction(run => {
        // Not before now: who came while the connection was taken joins in too.
        writes = this.#take();
        for (const { id, values, resolve, reject } of writes) {
          try {
            const changed = id
              ? run.update(CALLS, values, NOT_ENDED, id)
              : run.insert(CALLS, values);
            ends.push(() => resolve(changed));
          } catch (error) {
            ends.push(() => reject(error));
          }
        }
      });
      ends.forEach(end => end());
    } catch (error) {
      (writes.length > 0 ? writes : this.#take()).forEach(write =>
        write.reject(error),
      );
    }
  }

  #take(): Write[] {
    const writes = this.#waiting;
    this.#waiting = [];
    return writes;
  }
}

import type { Knex } from 'knex';
import type { Crossing, ItemResult, JournalItem } from '../budgets/holdBatch';
import { BudgetMovedError, runOnPostgres } from '../budgets/runOnPostgres';
import { RememberedRows, runOnSqlite } from '../budgets/runOnSqlite';
import { PostgresConnection } from './PostgresConnection';
import { SqliteConnection } from './SqliteConnection';

const MAX_BATCH = 250;
const GATHER_MS = 1;
const MAX_TRIES = 5;

interface Waiting {
  item: JournalItem;
  resolve: (result: ItemResult) => void;
  reject: (error: unknown) => void;
}

type Batch = { results: ItemResult[]; crossings: Crossing[] };

/**
 * Writes the starts and the ends of calls in groups, each in one transaction with
 * what the calls hold. The commit is most of what a write costs, and those who
 * wait for one can share it; the counters that all calls share are locked once per
 * group instead of once per call. A single call waits for nobody.
 */
export class CallJournal {
  readonly #transact: (waiting: () => Waiting[]) => Promise<Batch>;
  #waiting: Waiting[] = [];
  #writing = false;
  #onCrossings: (crossings: Crossing[]) => void = () => {};

  constructor(db: Knex) {
    const sqlite = SqliteConnection.of(db);
    if (sqlite) {
      const remembered = new RememberedRows();
      this.#transact = async take => {
        try {
          return await sqlite.transaction((prepare, untouched) => {
            if (!untouched) {
              remembered.clear();
            }
            return runOnSqlite(prepare, itemsOf(take()), remembered);
          });
        } catch (error) {
          remembered.clear();
          throw error;
        }
      };
    } else {
      const postgres = new PostgresConnection(db);
      this.#transact = async take => {
        const items = itemsOf(take());
        for (let tried = 1; ; tried += 1) {
          try {
            return await postgres.transaction(query =>
              runOnPostgres(query, items),
            );
          } catch (error) {
            if (tried === MAX_TRIES || !isWorthAnotherTry(error)) {
              throw error;
            }
          }
        }
      };
    }
  }

  /** Who is told after a transaction that passed thresholds of budgets. */
  onCrossings(listener: (crossings: Crossing[]) => void): void {
    this.#onCrossings = listener;
  }

  /** Resolves when the item is durable, or refused. */
  write(item: JournalItem): Promise<ItemResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#writing) {
        this.#writing = true;
        this.#writeWhenQuiet(this.#waiting.length, performance.now());
      }
    });
  }

  /**
   * What other sockets bring in this turn of the event loop joins in, and as long
   * as every turn brings more, for a moment, what the next ones bring.
   */
  #writeWhenQuiet(before: number, since: number): void {
    setImmediate(() => {
      const { length } = this.#waiting;
      if (length > before && performance.now() - since < GATHER_MS) {
        this.#writeWhenQuiet(length, since);
      } else {
        void this.#writeAll();
      }
    });
  }

  async #writeAll(): Promise<void> {
    try {
      await this.#writeGroup(() => this.#waiting.splice(0, MAX_BATCH));
    } finally {
      // Whatever went wrong with one group, the next calls must not wait for ever.
      if (this.#waiting.length > 0) {
        this.#writeWhenQuiet(this.#waiting.length, performance.now());
      } else {
        this.#writing = false;
      }
    }
  }

  async #writeGroup(take: () => Waiting[]): Promise<void> {
    let group: Waiting[] = [];
    let batch: Batch;
    try {
      batch = await this.#transact(() => {
        group = take();
        return group;
      });
    } catch (error) {
      if (group.length === 0) {
        group = take();
      }
      if (group.length > 1 && isOneRowsFault(error)) {
        for (const one of group) {
          await this.#writeGroup(() => [one]);
        }
      } else {
        group.forEach(({ reject }) => reject(error));
      }
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const result: ItemResult | undefined = batch.results[index];
      if (!result) {
        reject(new Error('A batch has no result for one of its calls'));
      } else if (result.fault !== undefined) {
        reject(result.fault);
      } else {
        resolve(result);
      }
    });
    if (batch.crossings.length > 0) {
      try {
        this.#onCrossings(batch.crossings);
      } catch {
        // What is crossed is written down, and a task tells of what was not told.
      }
    }
  }
}

function itemsOf(group: Waiting[]): JournalItem[] {
  return group.map(({ item }) => item);
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** A value or a constraint: the others of the group are not to blame. */
function isOneRowsFault(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error));
}

/** Nothing was written, and the same may well succeed now. */
function isWorthAnotherTry(error: unknown): boolean {
  return (
    error instanceof BudgetMovedError ||
    ['40001', '40P01'].includes(codeOf(error))
  );
}

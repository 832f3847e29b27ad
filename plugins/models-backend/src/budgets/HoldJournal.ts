import type { Knex } from 'knex';
import {
  type BatchResult,
  type HoldItem,
  runHoldBatch,
  type WindowKey,
} from './holdBatch';
import { HOLDS, BUDGET_WINDOWS, INSTANCES } from './tables';
import { BudgetMovedError, idOf, isPostgres } from './WindowCounters';

const MAX_BATCH = 100;
const MAX_TRIES = 5;
const MAX_KNOWN = 50_000;

/** What became of one item of a batch. */
export interface ItemResult {
  refusal?: ReturnType<BatchResult['refusals']['get']>;
  overrunNanoUsd?: number;
  /** Whether an ending item ended its attempt now. */
  ended: boolean;
}

interface Waiting {
  item: HoldItem;
  resolve: (result: ItemResult) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes holds and settlements in groups: what comes while one transaction runs
 * shares the next. A single call waits for nobody, and under load the counters
 * that all calls share are locked once per group instead of once per call.
 */
export class HoldJournal {
  readonly #db: Knex;
  readonly #instanceId: string;
  readonly #onCrossings: (crossings: BatchResult['crossings']) => void;
  readonly #queue: Waiting[] = [];
  /** Counters that are known to have a row. */
  readonly #known = new Set<string>();
  #writing = false;

  constructor(options: {
    db: Knex;
    instanceId: string;
    /** Told after the transaction that passed a threshold. */
    onCrossings: (crossings: BatchResult['crossings']) => void;
  }) {
    this.#db = options.db;
    this.#instanceId = options.instanceId;
    this.#onCrossings = options.onCrossings;
  }

  /** Resolves when the item is durable, or refused. */
  async write(item: HoldItem): Promise<ItemResult> {
    if (item.kind === 'open') {
      await this.#makeCounters(item.keys);
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      void this.#writeAll();
    });
  }

  /** On which counters an attempt holds something, and on how much. */
  async keysOf(attemptId: string): Promise<WindowKey[]> {
    const rows = await this.#db(HOLDS)
      .where({ attempt_id: attemptId })
      .select('budget_id', 'window_start');
    return rows.map(row => ({
      budgetId: row.budget_id,
      windowStart: Number(row.window_start),
    }));
  }

  async #writeAll(): Promise<void> {
    if (this.#writing) {
      return;
    }
    this.#writing = true;
    try {
      while (this.#queue.length > 0) {
        await this.#writeGroup(this.#queue.splice(0, MAX_BATCH));
      }
    } finally {
      this.#writing = false;
    }
  }

  async #writeGroup(group: Waiting[]): Promise<void> {
    let result: BatchResult;
    try {
      result = await this.#transact(group.map(({ item }) => item));
    } catch (error) {
      if (group.length > 1 && isOneRowsFault(error)) {
        for (const one of group) {
          await this.#writeGroup([one]);
        }
      } else {
        group.forEach(({ reject }) => reject(error));
      }
      return;
    }
    for (const { item, resolve } of group) {
      resolve({
        refusal: result.refusals.get(item.attemptId),
        overrunNanoUsd: result.overruns.get(item.attemptId),
        ended: result.ended.has(item.attemptId),
      });
    }
    if (result.crossings.length > 0) {
      this.#onCrossings(result.crossings);
    }
  }

  async #transact(items: HoldItem[]): Promise<BatchResult> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#db.transaction(async trx => {
          if (!isPostgres(trx)) {
            // SQLite locks the database with the first write, and cannot turn a
            // reader into a writer once another process has written.
            await trx(INSTANCES)
              .where({ id: this.#instanceId })
              .update({ seen_at: Date.now() });
          }
          return runHoldBatch(trx, items, this.#instanceId);
        });
      } catch (error) {
        if (tried === MAX_TRIES || !isWorthAnotherTry(error)) {
          throw error;
        }
      }
    }
  }

  /**
   * New counters are made before the transaction: their rows would otherwise be
   * locked out of order.
   */
  async #makeCounters(keys: WindowKey[]): Promise<void> {
    const missing = keys.filter(key => !this.#known.has(idOf(key)));
    if (missing.length === 0) {
      return;
    }
    await this.#db(BUDGET_WINDOWS)
      .insert(
        missing.map(key => ({
          budget_id: key.budgetId,
          window_start: key.windowStart,
        })),
      )
      .onConflict(['budget_id', 'window_start'])
      .ignore();
    if (this.#known.size > MAX_KNOWN) {
      this.#known.clear();
    }
    missing.forEach(key => this.#known.add(idOf(key)));
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** A broken constraint: the others of the group are not to blame. */
function isOneRowsFault(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('23') || code.startsWith('SQLITE_CONSTRAINT');
}

/** Nothing was written, and the same may well succeed now. */
function isWorthAnotherTry(error: unknown): boolean {
  return (
    error instanceof BudgetMovedError ||
    ['40001', '40P01', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'].includes(
      codeOf(error),
    )
  );
}

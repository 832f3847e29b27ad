import type { Knex } from 'knex';
import { CALLS, DAILY_COSTS } from '../ledger/tables';
import type { BudgetWindow } from './budget';
import {
  BUDGETS,
  BUDGET_WINDOWS,
  HOLD_SET_COUNTERS,
  HOLD_SETS,
} from './tables';

/** Rows that are dealt with in one go, so that no lock is long. */
const BATCH = 500;
const DAY_MS = 86_400_000;

/** Corrections that come late find what a call holds on for as long. */
const HELD_MS = 7 * DAY_MS;

/** A window is a quarter at most, so no call begins in one that began before. */
const WINDOW_MS = 124 * DAY_MS;

/** The same of each kind of window, in days: of hours there are thousands in a quarter. */
const LAST_BEGIN_DAYS: ReadonlyArray<[BudgetWindow, days: number]> = [
  ['hour', 2],
  ['day', 3],
  ['week', 10],
  ['month', 40],
  ['quarter', 124],
];

/** How long things are kept, in ms. */
export interface ModelRetention {
  /** Rows of calls. */
  calls: number;
  /** What calls came to on each day, and in each window of a budget. */
  costs: number;
}

/**
 * Deletes calls that have been kept long enough. What they cost stays in the sums
 * of their day and in the counters of their budgets: calls of last week are taken
 * off their counters' list and carried in one figure, which also keeps the check
 * of all counters short.
 */
export class CallRetention {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Goes on until nothing is left to do, or the signal is aborted. */
  async clean(
    kept: ModelRetention,
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    const untilNone = async (batch: () => Promise<number>) => {
      while (!signal.aborted && (await batch()) === BATCH) {
        // The next batch.
      }
    };
    await untilNone(() => this.#carry(now - Math.min(HELD_MS, kept.calls)));
    await untilNone(() => this.#deleteCalls(now - kept.calls));
    await untilNone(() => this.#deleteSets(now));
    await this.#db(DAILY_COSTS)
      .where('day', '<', Math.floor((now - kept.costs) / DAY_MS))
      .delete();
    await this.#db(BUDGET_WINDOWS)
      .where('window_start', '>', 0)
      .where('window_start', '<', now - Math.max(kept.costs, WINDOW_MS))
      .delete();
  }

  async #carry(before: number): Promise<number> {
    return this.#db.transaction(async trx => {
      const calls: Array<Record<string, any>> = await trx(CALLS)
        .whereNotNull('hold_set_id')
        .where('created_at', '<', before)
        .whereNot('status', 'started')
        .orderBy('created_at')
        .limit(BATCH)
        .select('id', 'hold_set_id', 'cost_nano_usd');
      const spentBySet = new Map<number, number>();
      for (const { hold_set_id: set, cost_nano_usd: cost } of calls) {
        spentBySet.set(set, (spentBySet.get(set) ?? 0) + Number(cost));
      }
      const counters: Array<Record<string, any>> = await trx(HOLD_SET_COUNTERS)
        .whereIn('set_id', [...spentBySet.keys()])
        .whereNotNull('window_start')
        // In one order, or two processes could wait for each other.
        .orderBy(['counter_id', 'window_start', 'set_id'])
        .select('set_id', 'counter_id', 'window_start');
      for (const counter of counters) {
        await trx(BUDGET_WINDOWS)
          .where({
            budget_id: counter.counter_id,
            window_start: counter.window_start,
          })
          .increment('carried_nano_usd', spentBySet.get(counter.set_id)!);
      }
      await trx(CALLS)
        .whereIn(
          'id',
          calls.map(({ id }) => id),
        )
        .update({ hold_set_id: null });
      return calls.length;
    });
  }

  async #deleteCalls(before: number): Promise<number> {
    return this.#db(CALLS)
      .whereIn(
        'id',
        this.#db(CALLS)
          .select('id')
          .where('created_at', '<', before)
          .whereNot('status', 'started')
          .orderBy('created_at')
          .limit(BATCH),
      )
      .delete();
  }

  /** Sets with a window that is over, which no call holds on, and none will. */
  async #deleteSets(now: number): Promise<number> {
    const db = this.#db;
    const sets: Array<{ id: number }> = await db({ s: HOLD_SETS })
      .select('s.id')
      .where('s.created_at', '<', now - DAY_MS)
      .whereExists(
        db({ k: HOLD_SET_COUNTERS })
          .join({ b: BUDGETS }, 'b.id', 'k.counter_id')
          .select(db.raw('1'))
          .whereRaw('k.set_id = s.id')
          .where(over => {
            for (const [window, days] of LAST_BEGIN_DAYS) {
              over.orWhere(each =>
                each
                  .where('b.period', window)
                  .where('k.window_start', '<', now - days * DAY_MS),
              );
            }
          }),
      )
      .whereNotExists(
        db(CALLS).select(db.raw('1')).whereRaw('hold_set_id = s.id'),
      )
      .limit(BATCH);
    const ids = sets.map(({ id }) => id);
    await db.transaction(async trx => {
      await trx(HOLD_SET_COUNTERS).whereIn('set_id', ids).delete();
      await trx(HOLD_SETS).whereIn('id', ids).delete();
    });
    return ids.length;
  }
}

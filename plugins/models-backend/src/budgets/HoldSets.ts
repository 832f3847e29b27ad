import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import { CALLS } from '../ledger/tables';
import {
  BUDGET_WINDOWS,
  HOLD_SET_COUNTERS,
  HOLD_SETS,
  RATE_COUNTERS,
} from './tables';

const MAX_REMEMBERED = 50_000;

/** A counter of money: a budget and the start of one of its windows. */
export interface WindowKey {
  budgetId: string;
  windowStart: number;
}

/** A counter of a set, with the name that batches know it by. */
export interface SetWindow extends WindowKey {
  id: string;
}

/** The counters that a call holds on. */
export interface HoldSet {
  id: number;
  windows: readonly SetWindow[];
  limitIds: readonly string[];
}

/** What a call of another process, or of an earlier life of this one, holds. */
export interface FoundHold {
  set: HoldSet;
  nanoUsd: number;
}

/**
 * Gives each set of counters a number. A call then holds on all of them with one
 * number in its row, and few sets serve very many calls.
 */
export class HoldSets {
  readonly #db: Knex;
  readonly #known = new LRUCache<string, HoldSet>({ max: MAX_REMEMBERED });

  constructor(db: Knex) {
    this.#db = db;
  }

  /** Both in the order of their ids. Known sets take no time. */
  of(
    windows: readonly WindowKey[],
    limitIds: readonly string[],
  ): HoldSet | Promise<HoldSet> {
    const text = textOf(windows, limitIds);
    return this.#known.get(text) ?? this.#make(text, windows, limitIds);
  }

  /** What an attempt holds by its row in the ledger. */
  async heldBy(attemptId: string): Promise<FoundHold | undefined> {
    const row = await this.#db(CALLS)
      .where({ id: attemptId })
      .whereNotNull('hold_set_id')
      .first('hold_set_id', 'held_nano_usd');
    if (!row) {
      return undefined;
    }
    const counters = await this.#db(HOLD_SET_COUNTERS)
      .where({ set_id: row.hold_set_id })
      .orderBy('counter_id');
    return {
      nanoUsd: Number(row.held_nano_usd ?? 0),
      set: {
        id: row.hold_set_id,
        windows: counters
          .filter(counter => counter.window_start !== null)
          .map(counter =>
            toSetWindow({
              budgetId: counter.counter_id,
              windowStart: Number(counter.window_start),
            }),
          ),
        limitIds: counters
          .filter(counter => counter.window_start === null)
          .map(counter => counter.counter_id),
      },
    };
  }

  /**
   * The rows of new counters are made here too: inside of a batch they would be
   * locked out of order. A set is only seen together with them.
   */
  async #make(
    text: string,
    windows: readonly WindowKey[],
    limitIds: readonly string[],
  ): Promise<HoldSet> {
    const digest = createHash('sha256').update(text).digest('base64');
    const id = await this.#db.transaction(async trx => {
      const [made] = await trx(HOLD_SETS)
        .insert({ digest, created_at: Date.now() })
        .onConflict('digest')
        .ignore()
        .returning('id');
      if (!made) {
        return (await trx(HOLD_SETS).where({ digest }).first('id')).id;
      }
      await trx(HOLD_SET_COUNTERS).insert([
        ...windows.map(({ budgetId, windowStart }) => ({
          set_id: made.id,
          counter_id: budgetId,
          window_start: windowStart,
        })),
        ...limitIds.map(limitId => ({
          set_id: made.id,
          counter_id: limitId,
          window_start: null,
        })),
      ]);
      if (windows.length > 0) {
        await trx(BUDGET_WINDOWS)
          .insert(
            windows.map(({ budgetId, windowStart }) => ({
              budget_id: budgetId,
              window_start: windowStart,
            })),
          )
          .onConflict(['budget_id', 'window_start'])
          .ignore();
      }
      if (limitIds.length > 0) {
        await trx(RATE_COUNTERS)
          .insert(limitIds.map(limitId => ({ limit_id: limitId })))
          .onConflict('limit_id')
          .ignore();
      }
      return made.id;
    });
    const set: HoldSet = { id, windows: windows.map(toSetWindow), limitIds };
    this.#known.set(text, set);
    return set;
  }
}

function textOf(
  windows: readonly WindowKey[],
  limitIds: readonly string[],
): string {
  let text = '';
  for (const { budgetId, windowStart } of windows) {
    text += `${budgetId} ${windowStart},`;
  }
  for (const limitId of limitIds) {
    text += `${limitId},`;
  }
  return text;
}

function toSetWindow({ budgetId, windowStart }: WindowKey): SetWindow {
  return { budgetId, windowStart, id: `${budgetId} ${windowStart}` };
}

import type { Knex } from 'knex';
import type { Budget } from './budget';
import type { Crossing, Refusal, WindowKey } from './holdBatch';
import { type BudgetRow, toBudget, type WindowRow } from './rows';
import { BUDGETS, BUDGET_WINDOWS } from './tables';

/** From this part of the limit on, a refusal means that the budget is used up. */
const NEARLY_ALL = 0.9;

interface Counter {
  key: WindowKey;
  budget: Budget;
  /** The budget is there; what is gone limits nothing, but is still settled. */
  live: boolean;
  spent: number;
  held: number;
  announced: number;
  spentBefore: number;
  heldBefore: number;
  announcedBefore: number;
  /** An attempt may hold here because of this batch. */
  lent: boolean;
  /** An attempt was refused for what is spent, not for what others hold. */
  exhausted: boolean;
}

type JoinedRow = BudgetRow & WindowRow & { deleted_at: number | string | null };

/** A limit was lowered while a batch was judged; judge it again. */
export class BudgetMovedError extends Error {}

/**
 * The counters of a batch, locked until its transaction ends, so that judging in
 * memory is judging the truth.
 */
export class WindowCounters {
  readonly #counters: Map<string, Counter>;

  private constructor(counters: Map<string, Counter>) {
    this.#counters = counters;
  }

  static async lock(
    trx: Knex.Transaction,
    keys: WindowKey[],
  ): Promise<WindowCounters> {
    const wanted = new Map(keys.map(key => [idOf(key), key]));
    const counters = new Map<string, Counter>();
    if (wanted.size === 0) {
      return new WindowCounters(counters);
    }
    const query = trx({ w: BUDGET_WINDOWS })
      .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
      .select('b.*', 'w.*')
      .whereIn(
        ['w.budget_id', 'w.window_start'],
        [...wanted.values()].map(key => [key.budgetId, key.windowStart]),
      )
      .orderBy(['w.budget_id', 'w.window_start']);
    if (isPostgres(trx)) {
      query.forUpdate('w');
    }
    const rows = (await query) as JoinedRow[];
    for (const row of rows) {
      const key = {
        budgetId: row.budget_id,
        windowStart: Number(row.window_start),
      };
      const spent = Number(row.spent_nano_usd);
      const held = Number(row.held_nano_usd);
      counters.set(idOf(key), {
        key,
        budget: toBudget(row),
        live: row.deleted_at === null,
        spent,
        held,
        announced: row.announced,
        spentBefore: spent,
        heldBefore: held,
        announcedBefore: row.announced,
        lent: false,
        exhausted: false,
      });
    }
    return new WindowCounters(counters);
  }

  /** Whether a budget limits here. */
  has(key: WindowKey): boolean {
    return this.#counters.get(idOf(key))?.live ?? false;
  }

  /** Holds an amount on all counters, or on none and tells which had no room. */
  hold(keys: WindowKey[], amount: number): Refusal | undefined {
    const counters = keys
      .map(key => this.#counters.get(idOf(key)))
      .filter(counter => counter?.live) as Counter[];
    for (const counter of counters) {
      const { budget, spent, held } = counter;
      if (spent + held + amount > budget.limitNanoUsd) {
        counter.exhausted ||= spent + amount > budget.limitNanoUsd;
        return {
          budget,
          windowStart: counter.key.windowStart,
          spentNanoUsd: spent,
          heldNanoUsd: held,
          neededNanoUsd: amount,
        };
      }
    }
    for (const counter of counters) {
      counter.held += amount;
      counter.lent = true;
    }
    return undefined;
  }

  release(key: WindowKey, amount: number): void {
    const counter = this.#counters.get(idOf(key));
    if (counter) {
      counter.held -= amount;
    }
  }

  spend(key: WindowKey, amount: number): void {
    const counter = this.#counters.get(idOf(key));
    if (counter) {
      counter.spent += amount;
    }
  }

  /** Writes what has changed and tells which thresholds were passed by it. */
  async write(trx: Knex.Transaction): Promise<Crossing[]> {
    const crossings: Crossing[] = [];
    for (const counter of this.#counters.values()) {
      crossings.push(...announce(counter));
      await writeCounter(trx, counter);
    }
    return crossings;
  }
}

async function writeCounter(
  trx: Knex.Transaction,
  counter: Counter,
): Promise<void> {
  const { announced, announcedBefore, budget, key } = counter;
  const spent = counter.spent - counter.spentBefore;
  const held = counter.held - counter.heldBefore;
  // Also when what ends and what begins cancel out, the limit is asked again.
  if (!spent && !held && !counter.lent && announced === announcedBefore) {
    return;
  }
  const query = trx(BUDGET_WINDOWS)
    .where({ budget_id: key.budgetId, window_start: key.windowStart })
    .update({
      spent_nano_usd: trx.raw('spent_nano_usd + ?', [spent]),
      held_nano_usd: trx.raw('held_nano_usd + ?', [held]),
      announced,
    });
  if (counter.lent) {
    // The limit may have been lowered since it was read.
    query.whereRaw(
      'spent_nano_usd + held_nano_usd + ? <= (select limit_nano_usd from model_budgets where id = ?)',
      [spent + held, budget.id],
    );
  }
  if ((await query) !== 1) {
    throw new BudgetMovedError();
  }
}

/** Each threshold once per window, in order. */
function announce(counter: Counter): Crossing[] {
  const { budget, exhausted, key, live, spent } = counter;
  if (!live) {
    return [];
  }
  const passed = budget.softThresholds.filter(
    threshold =>
      perMille(threshold) > counter.announced &&
      (spent >= budget.limitNanoUsd * threshold ||
        // Calls are refused before the last nano-USD is spent.
        (threshold === 1 &&
          exhausted &&
          spent >= budget.limitNanoUsd * NEARLY_ALL)),
  );
  counter.announced = Math.max(counter.announced, ...passed.map(perMille));
  return passed.map(threshold => ({
    budget,
    windowStart: key.windowStart,
    threshold,
    spentNanoUsd: spent,
  }));
}

export function isPostgres(db: Knex): boolean {
  return String(db.client.config.client).startsWith('pg');
}

export function idOf(key: WindowKey): string {
  return `${key.budgetId} ${key.windowStart}`;
}

function perMille(threshold: number): number {
  return Math.round(threshold * 1000);
}

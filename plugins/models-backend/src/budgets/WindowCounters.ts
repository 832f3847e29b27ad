import { LRUCache } from 'lru-cache';
import type { Budget } from './budget';
import type { SetWindow } from './HoldSets';
import type { Crossing, Refusal } from './holdBatch';
import { type BudgetRow, toBudget, type WindowRow } from './rows';

/** From this part of the limit on, a refusal means that the budget is used up. */
const NEARLY_ALL = 0.9;

/** A window with its budget, as both databases give it. */
export type JoinedRow = BudgetRow &
  WindowRow & { deleted_at: number | string | null };

/** What a batch makes of a window. */
export interface WindowChange {
  key: SetWindow;
  spent: number;
  held: number;
  announced: number;
  /** An attempt may hold here because of this batch. */
  lent: boolean;
}

interface Counter extends WindowChange {
  row: JoinedRow;
  /** The budget is there; what is gone limits nothing, but is still counted. */
  live: boolean;
  limit: number;
  announcedBefore: number;
  changed: boolean;
  /** An attempt was refused for what is spent, not for what others hold. */
  exhausted: boolean;
}

/**
 * The budget counters of a batch. They are locked until its transaction ends, so
 * judging in memory is judging the truth.
 */
export class WindowCounters {
  readonly #counters = new Map<string, Counter>();

  constructor(rows: readonly JoinedRow[]) {
    for (const row of rows) {
      const windowStart = Number(row.window_start);
      const budgetId = row.budget_id;
      const key = { budgetId, windowStart, id: `${budgetId} ${windowStart}` };
      this.#counters.set(key.id, {
        key,
        row,
        live: row.deleted_at === null,
        limit: Number(row.limit_nano_usd),
        spent: Number(row.spent_nano_usd),
        held: Number(row.held_nano_usd),
        announced: row.announced,
        announcedBefore: row.announced,
        changed: false,
        lent: false,
        exhausted: false,
      });
    }
  }

  /** The first counter that has no room for an amount. */
  refusal(keys: readonly SetWindow[], amount: number): Refusal | undefined {
    for (const key of keys) {
      const counter = this.#counters.get(key.id);
      if (
        counter?.live &&
        counter.spent + counter.held + amount > counter.limit
      ) {
        counter.exhausted ||= counter.spent + amount > counter.limit;
        return {
          budget: toBudget(counter.row),
          windowStart: key.windowStart,
          spentNanoUsd: counter.spent,
          heldNanoUsd: counter.held,
          neededNanoUsd: amount,
        };
      }
    }
    return undefined;
  }

  /** Holds an amount on all counters, or with a negative one gives it back. */
  hold(keys: readonly SetWindow[], amount: number): void {
    for (const key of keys) {
      const counter = this.#counters.get(key.id);
      if (counter) {
        counter.held += amount;
        counter.changed = true;
        // Also when what ends and what begins cancel out, the limit is asked again.
        counter.lent ||= counter.live && amount > 0;
      }
    }
  }

  spend(keys: readonly SetWindow[], amount: number): void {
    for (const key of keys) {
      const counter = this.#counters.get(key.id);
      if (counter) {
        counter.spent += amount;
        counter.changed = true;
      }
    }
  }

  /** Which thresholds are passed now; each is told once per window, in order. */
  crossings(): Crossing[] {
    const crossings: Crossing[] = [];
    for (const counter of this.#counters.values()) {
      if (counter.live && (counter.changed || counter.exhausted)) {
        crossings.push(...announce(counter));
      }
    }
    return crossings;
  }

  /** What is to be written. */
  changes(): WindowChange[] {
    const changes: WindowChange[] = [];
    for (const counter of this.#counters.values()) {
      if (counter.changed || counter.announced !== counter.announcedBefore) {
        changes.push(counter);
      }
    }
    return changes;
  }
}

function announce(counter: Counter): Crossing[] {
  const { exhausted, limit, row, spent } = counter;
  const passed = thresholdsOf(row.thresholds).filter(
    threshold =>
      perMille(threshold) > counter.announced &&
      (spent >= limit * threshold ||
        // Calls are refused before the last nano-USD is spent.
        (threshold === 1 && exhausted && spent >= limit * NEARLY_ALL)),
  );
  if (passed.length === 0) {
    return [];
  }
  counter.announced = Math.max(counter.announced, ...passed.map(perMille));
  const budget: Budget = toBudget(row);
  return passed.map(threshold => ({
    budget,
    windowStart: counter.key.windowStart,
    threshold,
    spentNanoUsd: spent,
  }));
}

/** Of all budgets, few have other thresholds than the usual. */
const parsed = new LRUCache<string, number[]>({ max: 1_000 });

function thresholdsOf(text: string): number[] {
  let thresholds = parsed.get(text);
  if (!thresholds) {
    thresholds = JSON.parse(text) as number[];
    parsed.set(text, thresholds);
  }
  return thresholds;
}

function perMille(threshold: number): number {
  return Math.round(threshold * 1000);
}

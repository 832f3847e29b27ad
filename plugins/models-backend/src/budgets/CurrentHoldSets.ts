import type { RateLimit } from '../rateLimits/rateLimit';
import type { Budget } from './budget';
import type { HoldSet, HoldSets } from './HoldSets';
import { windowEnd, windowStart } from './windows';

/** A set, and the time in which its windows are the current ones. */
interface Current {
  set: HoldSet;
  from: number;
  until: number;
}

/**
 * Finds the set of counters of a call. Calls to which the same limits apply get
 * the same lists of them from the directories, so a set is known by its lists,
 * without a look at what is in them.
 */
export class CurrentHoldSets {
  readonly #sets: HoldSets;
  readonly #known = new WeakMap<
    readonly Budget[],
    WeakMap<readonly RateLimit[], Current>
  >();

  constructor(sets: HoldSets) {
    this.#sets = sets;
  }

  /** Both in the order of their ids. Known sets take no time. */
  of(
    budgets: readonly Budget[],
    limits: readonly RateLimit[],
    at: number,
  ): HoldSet | Promise<HoldSet> {
    const known = this.#known.get(budgets)?.get(limits);
    return known && known.from <= at && at < known.until
      ? known.set
      : this.#find(budgets, limits, at);
  }

  async #find(
    budgets: readonly Budget[],
    limits: readonly RateLimit[],
    at: number,
  ): Promise<HoldSet> {
    const windows = budgets.map(({ id, window }) => ({
      budgetId: id,
      windowStart: windowStart(window, at),
    }));
    const ends = budgets.map(
      ({ window }, index) =>
        windowEnd(window, windows[index].windowStart) ?? Infinity,
    );
    const set = await this.#sets.of(
      windows,
      limits.map(({ id }) => id),
    );
    const byLimits = this.#known.get(budgets) ?? new WeakMap();
    byLimits.set(limits, {
      set,
      from: Math.max(0, ...windows.map(window => window.windowStart)),
      until: Math.min(...ends),
    });
    this.#known.set(budgets, byLimits);
    return set;
  }
}

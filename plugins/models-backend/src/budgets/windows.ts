import type { BudgetWindow } from './budget';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The epoch began on a Thursday, and weeks begin on Mondays (ISO 8601). */
const FIRST_MONDAY_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** When the window began that a moment falls into; ms since the epoch, UTC. */
export function windowStart(window: BudgetWindow, at: number): number {
  switch (window) {
    case 'hour':
      return Math.floor(at / HOUR_MS) * HOUR_MS;
    case 'day':
      return Math.floor(at / DAY_MS) * DAY_MS;
    case 'week':
      return (
        Math.floor((at - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS
      );
    case 'month':
      return monthOf(at).start;
    case 'quarter': {
      const date = new Date(monthOf(at).start);
      const index = date.getUTCMonth();
      return Date.UTC(date.getUTCFullYear(), index - (index % 3), 1);
    }
    default:
      return 0;
  }
}

/** When the next window begins; `undefined` for a budget that never renews. */
export function windowEnd(
  window: BudgetWindow,
  start: number,
): number | undefined {
  switch (window) {
    case 'hour':
      return start + HOUR_MS;
    case 'day':
      return start + DAY_MS;
    case 'week':
      return start + WEEK_MS;
    case 'month':
      return monthsAfter(start, 1);
    case 'quarter':
      return monthsAfter(start, 3);
    default:
      return undefined;
  }
}

function monthsAfter(start: number, months: number): number {
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** The month that was asked for last, which most calls ask for again. */
let month = { start: 0, end: 0 };

function monthOf(at: number): { start: number; end: number } {
  if (at < month.start || at >= month.end) {
    const date = new Date(at);
    const [year, index] = [date.getUTCFullYear(), date.getUTCMonth()];
    month = {
      start: Date.UTC(year, index, 1),
      end: Date.UTC(year, index + 1, 1),
    };
  }
  return month;
}

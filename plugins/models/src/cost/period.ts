/** A span of time in UTC, as days or moments; `to` is not in it. */
export interface Period {
  from: string;
  to: string;
}

/** Periods that a person can choose. */
export type PeriodId = 'month' | '7d' | '30d' | '90d';

/** Names of the periods, in the order of the menu. */
export const PERIODS: ReadonlyArray<{ id: PeriodId; label: string }> = [
  { id: 'month', label: 'This month' },
  { id: '7d', label: 'Last 7 days' },
  { id: '30d', label: 'Last 30 days' },
  { id: '90d', label: 'Last 90 days' },
];

const DAY_MS = 86_400_000;

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function startOfDay(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
}

/** The days of a period, today included. */
export function periodOf(id: PeriodId, now: Date): Period {
  const tomorrow = startOfDay(now) + DAY_MS;
  const from =
    id === 'month'
      ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
      : tomorrow - Number.parseInt(id, 10) * DAY_MS;
  return { from: day(from), to: day(tomorrow) };
}

/**
 * What to compare a period with: as many days before it, or for a month the same
 * days of the month before. It ends at the same time of day, because today is
 * not over either.
 */
export function periodBefore(id: PeriodId, now: Date): Period {
  const { from } = periodOf(id, now);
  const start = Date.parse(from);
  const elapsed = now.getTime() - start;
  if (id === 'month') {
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1);
    const end = Math.min(first + elapsed, start);
    return { from: day(first), to: new Date(end).toISOString() };
  }
  const first = start - Number.parseInt(id, 10) * DAY_MS;
  return { from: day(first), to: new Date(first + elapsed).toISOString() };
}

/** What that is called. */
export function periodBeforeWords(id: PeriodId): string {
  return id === 'month'
    ? 'the same days of last month'
    : `the ${Number.parseInt(id, 10)} days before`;
}

/** Every day of a period, for charts that must not skip the quiet ones. */
export function daysOf({ from, to }: Period): string[] {
  const days: string[] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += DAY_MS) {
    days.push(day(time));
  }
  return days;
}

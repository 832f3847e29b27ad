import { upperBound } from '@agentportal/plugin-evals-common';

export const HOUR_MS = 3_600_000;
/** Of a week. */
export const HOURS = 168;
/** Weeks that are remembered, and from how many on an hour of the week has a baseline of its own. */
const WEEKS = 4;
const ENOUGH_WEEKS = 3;
const ENOUGH_RUNS = 15;

/** How many runs an hour had and how many of them were out of the ordinary; by hour of the week, week by week. */
export interface Hours {
  current?: { hour: number; runs: number; above: number };
  weeks: Record<string, Array<[runs: number, above: number]>>;
}

/** The hour of a time, counted from 1970. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

/** Of an hour, which of the 168 of a week it is, UTC. */
export function hourOfWeek(hour: number): number {
  return hour % HOURS;
}

/** Takes in a run; an hour counts for the next weeks when it is over. */
export function countHour(hours: Hours, at: number, isAbove: boolean): Hours {
  const hour = hourOf(at);
  const { current, weeks } = hours;
  if (current?.hour === hour) {
    const { runs, above } = current;
    return {
      weeks,
      current: { hour, runs: runs + 1, above: above + Number(isAbove) },
    };
  }
  return {
    weeks: current
      ? keepWeek(weeks, current.hour, [current.runs, current.above])
      : weeks,
    current: { hour, runs: 1, above: Number(isAbove) },
  };
}

/** Adds what an hour came to, and forgets the oldest week. */
export function keepWeek<T>(
  weeks: Record<string, T[]>,
  hour: number,
  came: T,
): Record<string, T[]> {
  const key = hourOfWeek(hour);
  return { ...weeks, [key]: [...(weeks[key] ?? []), came].slice(-WEEKS) };
}

/**
 * The share of runs that is usual at an hour of the week: that of all hours, and more where it always is, such
 * as when a job comes each night. The worst of its weeks does not count, so that one bad night is no habit.
 */
export function usualAt(hours: Hours, at: number, usual: number): number {
  const weeks = hours.weeks[hourOfWeek(hourOf(at))] ?? [];
  if (weeks.length < ENOUGH_WEEKS) {
    return usual;
  }
  const worst = weeks.reduce((a, b) => (b[1] / b[0] > a[1] / a[0] ? b : a));
  const kept = weeks.filter(week => week !== worst);
  const runs = kept.reduce((sum, [count]) => sum + count, 0);
  const above = kept.reduce((sum, [, count]) => sum + count, 0);
  return runs < ENOUGH_RUNS || above / runs <= usual
    ? usual
    : Math.min(0.95, upperBound(above, runs));
}

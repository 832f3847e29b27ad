import type { CostForecast } from '@agentportal/plugin-models-common';

const DAY_MS = 86_400_000;
/** Eight weeks: every day of the week eight times. */
export const LOOK_BACK_DAYS = 56;
/** Below it a range would be a guess. */
const MIN_DAYS = 3;
/** From then on every day of the week was seen twice. */
const MIN_DAYS_OF_WEEK = 14;
/** Nine of ten cases on either side of a normal distribution. */
const Z = 1.2816;
/** One day in so many is taken from the newest days: spending drifts. */
const HALF_LIFE_DAYS = 21;

/** What a forecast is made from; money in nano-USD, days as `2026-11-01`. */
export interface SpendHistory {
  /** ms since the epoch. */
  now: number;
  /** Of the days since the start of the month and of those looked back on. */
  byDay: ReadonlyMap<string, number>;
}

type Forecast = Omit<CostForecast, 'budgetNanoUsd' | 'visible'>;

/**
 * What the month will have cost: what is spent already, and for the rest of it
 * what days like those to come have cost. The range is as wide as days of the
 * same kind have differed.
 */
export function forecastOfMonth({ now, byDay }: SpendHistory): Forecast {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const date = new Date(now);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  const spentOn = (at: number) => byDay.get(dayOf(at)) ?? 0;
  let monthToDate = 0;
  for (let at = first; at <= today; at += DAY_MS) {
    monthToDate += spentOn(at);
  }
  const known = {
    month: dayOf(first).slice(0, 7),
    asOf: date.toISOString(),
    monthToDateNanoUsd: monthToDate,
  };
  const days = wholeDaysBefore(today, byDay);
  if (days.length < MIN_DAYS) {
    return {
      ...known,
      method: {
        id: 'too-little-data',
        days: days.length,
        text: `A forecast needs at least ${MIN_DAYS} whole days with model calls behind it; there ${
          days.length === 1 ? 'is 1' : `are ${days.length}`
        } so far.`,
      },
    };
  }
  const byWeekday = days.length >= MIN_DAYS_OF_WEEK;
  const model = fit(days, byWeekday, today);
  const leftOfToday = 1 - (now - today) / DAY_MS;
  let rest = model.mean(today) * leftOfToday;
  let length = leftOfToday;
  for (let at = today + DAY_MS; at < next; at += DAY_MS) {
    rest += model.mean(at);
    length += 1;
  }
  // Days differ from each other, and the mean itself is only known so well.
  const spread =
    Z * model.deviation * Math.sqrt(length + (length * length) / model.weight);
  return {
    ...known,
    forecastNanoUsd: Math.round(monthToDate + rest),
    lowNanoUsd: Math.round(monthToDate + Math.max(0, rest - spread)),
    highNanoUsd: Math.round(monthToDate + rest + spread),
    method: {
      id: byWeekday ? 'weekday-run-rate' : 'run-rate',
      days: days.length,
      text: byWeekday
        ? `What is spent, and for each day to come what the same day of the week has cost in the last ${days.length} days, recent weeks more. The range covers 8 of 10 months if spending goes on as it did.`
        : `What is spent, and for each day to come the mean of the last ${days.length} days, recent ones more. Days of the week are told apart from ${MIN_DAYS_OF_WEEK} days on. The range covers 8 of 10 months if spending goes on as it did.`,
    },
  };
}

interface Day {
  at: number;
  cost: number;
}

/** Whole days before today since the first one that cost something. */
function wholeDaysBefore(
  today: number,
  byDay: ReadonlyMap<string, number>,
): Day[] {
  const days: Day[] = [];
  for (let back = LOOK_BACK_DAYS; back >= 1; back -= 1) {
    const at = today - back * DAY_MS;
    const cost = byDay.get(dayOf(at)) ?? 0;
    if (days.length > 0 || cost > 0) {
      days.push({ at, cost });
    }
  }
  return days;
}

function fit(days: Day[], byWeekday: boolean, today: number) {
  const weightOf = ({ at }: Day) =>
    0.5 ** ((today - at) / DAY_MS / HALF_LIFE_DAYS);
  const kindOf = (at: number) => (byWeekday ? new Date(at).getUTCDay() : 0);
  const sums = new Map<number, { cost: number; weight: number }>();
  for (const day of days) {
    const sum = sums.get(kindOf(day.at)) ?? { cost: 0, weight: 0 };
    sum.cost += day.cost * weightOf(day);
    sum.weight += weightOf(day);
    sums.set(kindOf(day.at), sum);
  }
  const mean = (at: number) => {
    const sum = sums.get(kindOf(at));
    return sum ? sum.cost / sum.weight : 0;
  };
  let squares = 0;
  let weight = 0;
  let weightSquares = 0;
  for (const day of days) {
    const w = weightOf(day);
    squares += w * (day.cost - mean(day.at)) ** 2;
    weight += w;
    weightSquares += w * w;
  }
  // As many equally heavy days would know the mean as well.
  const effective = (weight * weight) / weightSquares;
  const free = Math.max(1, effective - sums.size);
  return {
    mean,
    deviation: Math.sqrt((squares / weight) * (effective / free)),
    weight: effective,
  };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

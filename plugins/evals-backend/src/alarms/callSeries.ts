import { toolName } from '../service/toolName';
import {
  ENOUGH_WEEKS,
  HOUR_MS,
  HOURS,
  hourOf,
  hourOfWeek,
  keepWeek,
} from './hourOfWeek';
import type { EndedRun, Rise } from './watchedRun';

/** Hours from which is learned what is usual. */
const LEARNED_HOURS = 72;
const SHOWN_RUNS = 3;
const MAX_NAMES = 20;
/** Less than that is no surge, however quiet it is otherwise. */
const LEAST_ABOVE = 3;
/** Nobody calls as evenly as a Poisson process. */
const LEAST_DISPERSION = 0.1;
const MOST_CALLS = 1_000_000;

/** Calls an hour of tools that do more than read; as it is kept. */
export interface CallSeries {
  /** The hour that is counted, since 1970, and what it has had so far. */
  current?: {
    hour: number;
    calls: number;
    tools: Record<string, number>;
    runIds: string[];
    /** An alarm comes with so many. */
    limit?: number;
  };
  /** Of all hours that are over. */
  all: { hours: number; sum: number; squares: number };
  /** How the same hour differs from one week to the next. */
  pairs: { count: number; squares: number; mean: number; meanSquare: number };
  weeks: Record<string, number[]>;
}

/** A series that has seen nothing. */
export function newCallSeries(): CallSeries {
  return {
    all: { hours: 0, sum: 0, squares: 0 },
    pairs: { count: 0, squares: 0, mean: 0, meanSquare: 0 },
    weeks: {},
  };
}

/** A series that knows what is usual, after an alarm: the hour that gave it is no part of that. */
export function watchCallsAgain({ all, pairs, weeks }: CallSeries): CallSeries {
  return { all, pairs, weeks };
}

/**
 * Takes in the calls of a run. An alarm comes as soon as an hour has had so many as an hour has once in `days`:
 * held against the same hour of the week once there are three of it, until then against all hours.
 *
 * @param days - until a false alarm, where calls come as a negative binomial says
 * @param isSensitive - of an entity ref, whether the tool does more than read
 */
export function observeCalls(
  series: CallSeries,
  run: EndedRun,
  days: number,
  isSensitive: (toolRef: string) => boolean,
): { series: CallSeries; rise?: Rise } {
  const called = (run.toolsCalled ?? []).filter(isSensitive);
  const hour = hourOf(Date.parse(run.finishedAt));
  const next = at(series, hour, days);
  if (called.length === 0) {
    return { series: next };
  }
  const { current } = next;
  const tools = { ...current.tools };
  for (const ref of called) {
    const name = toolName(ref);
    if (Object.hasOwn(tools, name) || Object.keys(tools).length < MAX_NAMES) {
      tools[name] = (tools[name] ?? 0) + 1;
    }
  }
  const calls = current.calls + called.length;
  const runIds = [...current.runIds, run.id].slice(-SHOWN_RUNS);
  const { limit } = current;
  return {
    series: { ...next, current: { hour, limit, calls, tools, runIds } },
    ...(limit !== undefined &&
      calls >= limit && {
        rise: {
          since: hour * HOUR_MS,
          usual: limit - 1,
          happened: calls,
          runs: 1,
          runIds,
          evidence: Object.entries(tools)
            .sort(([, a], [, b]) => b - a)
            .slice(0, 5)
            .map(([name, times]) => `${name}: ${times} calls`),
        },
      }),
  };
}

/** The series at the beginning of an hour: those before it are over, also the ones in which nothing was called. */
function at(
  series: CallSeries,
  hour: number,
  days: number,
): CallSeries & { current: NonNullable<CallSeries['current']> } {
  const { current } = series;
  if (current && current.hour >= hour) {
    // One that ended late counts in the hour that is counted.
    return { ...series, current };
  }
  let known = series;
  if (current) {
    known = over(known, current.hour, current.calls, current.limit);
    // After a week without any run, nothing is known of the hours between.
    const silent = Math.min(hour - 1, current.hour + HOURS);
    for (let each = current.hour + 1; each <= silent; each += 1) {
      known = over(known, each, 0, undefined);
    }
  }
  const limit = limitAt(known, hour, days);
  return {
    ...known,
    current: { hour, calls: 0, tools: {}, runIds: [], limit },
  };
}

function over(
  series: CallSeries,
  hour: number,
  calls: number,
  limit: number | undefined,
): CallSeries {
  // What was too much is not what is usual.
  const kept = Math.min(calls, limit ?? calls);
  const { all, pairs } = series;
  const before = series.weeks[hourOfWeek(hour)]?.at(-1);
  const mean = before === undefined ? 0 : (before + kept) / 2;
  return {
    all: {
      hours: all.hours + 1,
      sum: all.sum + kept,
      squares: all.squares + kept ** 2,
    },
    pairs:
      before === undefined
        ? pairs
        : {
            count: pairs.count + 1,
            squares: pairs.squares + (before - kept) ** 2 / 2,
            mean: pairs.mean + mean,
            // Less what the mean of two errs by, so that it is the square of what is expected.
            meanSquare: pairs.meanSquare + before * kept,
          },
    weeks: keepWeek(series.weeks, hour, kept),
  };
}

/** The number of calls that an hour has once in `days` at most; undefined while too little is known. */
function limitAt(
  { all, pairs, weeks }: CallSeries,
  hour: number,
  days: number,
): number | undefined {
  if (all.hours < LEARNED_HOURS) {
    return undefined;
  }
  const share = 1 / (days * 24);
  const same = weeks[hourOfWeek(hour)] ?? [];
  if (same.length < ENOUGH_WEEKS) {
    const mean = all.sum / all.hours;
    const variance = all.squares / all.hours - mean ** 2;
    return limitOf(mean, dispersionOf(variance, mean, mean ** 2), share);
  }
  // The median, so that one bad week is no habit; the quarter stands for hours in which nothing has been called yet.
  const sorted = [...same].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2
      ? sorted[middle]
      : (sorted[middle - 1] + sorted[middle]) / 2;
  const mean = median + 0.25;
  const dispersion = dispersionOf(pairs.squares, pairs.mean, pairs.meanSquare);
  // What a few weeks say is not what is expected; it errs as they do.
  const uncertain = (1 / mean + dispersion) * (1 / same.length);
  return limitOf(mean, dispersion + uncertain, share);
}

/** Variance = mean + dispersion · mean². */
function dispersionOf(variance: number, mean: number, meanSquare: number) {
  return Math.max(
    LEAST_DISPERSION,
    meanSquare > 0 ? (variance - mean) / meanSquare : 0,
  );
}

/** The least number that a negative binomial reaches with at most this probability. */
function limitOf(mean: number, dispersion: number, share: number): number {
  const spread = dispersion * mean;
  const shape = 1 / dispersion;
  let probability = (1 + spread) ** -shape;
  let tail = 1 - probability;
  let calls = 1;
  while (tail > share && calls < MOST_CALLS) {
    probability *= ((calls - 1 + shape) / calls) * (spread / (1 + spread));
    tail -= probability;
    calls += 1;
  }
  return Math.max(calls, Math.ceil(mean) + LEAST_ABOVE);
}

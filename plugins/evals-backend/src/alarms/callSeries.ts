import {
  type CountDetectorState,
  countInterval,
  isSurging,
  likeliestSurge,
  newCountDetector,
  observeCount,
  type UsualCount,
} from '@agentportal/plugin-evals-common';
import { toolName } from '../service/toolName';
import { HOUR_MS, HOURS, hourOf, hourOfWeek, keepWeek } from './hourOfWeek';
import type { EndedRun, Rise } from './watchedRun';

/** Hours from which is learned what is usual, and those of a time of day from which it has a baseline of its own. */
const LEARNED_HOURS = 72;
const ENOUGH_DAYS = 8;
/** Hours of a day that are alike, this way and that, unless they show that they are not. */
const NEAR_HOURS = 2;
/** An hour with less than this share of what hours usually have is a quiet one. */
const QUIET = 0.5;
const SHOWN_RUNS = 3;
const MAX_NAMES = 20;
/** Less than that is no surge, however quiet it is otherwise. */
const LEAST_ABOVE = 3;
/** Nobody calls as evenly as a Poisson process. */
const LEAST_DISPERSION = 0.1;
const MOST_CALLS = 1_000_000;

/** Calls an hour of tools, as it is kept. */
export interface CallSeries {
  /** The hour that is counted, since 1970, and what it has had so far. */
  current?: {
    hour: number;
    calls: number;
    tools: Record<string, number>;
    runIds: string[];
    /** An alarm comes with so many. */
    limit?: number;
    usual?: UsualCount;
    isQuiet?: boolean;
  };
  /** Evidence of a surge since hours ago: in all hours, and in quiet ones, which the days would wash away. */
  surges?: { all: CountDetectorState; quiet: CountDetectorState };
  /** Of all hours that are over. */
  all: { hours: number; sum: number; squares: number };
  /** How the same hour differs from one week to the next. */
  pairs: { count: number; squares: number; mean: number; meanSquare: number };
  weeks: Record<string, number[]>;
}

/** Of tools that do more than read, with those that reach outside or are critical by themselves. */
export type SensitiveSeries = CallSeries & { grave?: CallSeries };

/** Of the entity ref of a tool, what it may do. */
export interface ToolTiers {
  /** Does more than read. */
  isSensitive: (toolRef: string) => boolean;
  /** Reaches outside of the company, or is critical. */
  isGrave: (toolRef: string) => boolean;
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
export function watchCallsAgain(series: SensitiveSeries): SensitiveSeries {
  const { all, grave, pairs, weeks } = series;
  return { all, pairs, weeks, ...(grave && { grave: watchCallsAgain(grave) }) };
}

/**
 * Takes in the calls of a run of tools that do more than read, and those of tools that reach outside or are critical
 * once more by themselves: ten times as many of few are lost among many that only write.
 */
export function observeSensitiveCalls(
  { grave, ...series }: SensitiveSeries,
  run: EndedRun,
  days: number,
  { isGrave, isSensitive }: ToolTiers,
): { series: SensitiveSeries; rise?: Rise } {
  const ofAll = observeCalls(series, run, 2 * days, isSensitive);
  const ofGrave = observeCalls(
    grave ?? newCallSeries(),
    run,
    2 * days,
    isGrave,
  );
  const rise = ofGrave.rise ? { ...ofGrave.rise, isGrave: true } : ofAll.rise;
  return {
    series: { ...ofAll.series, grave: ofGrave.series },
    ...(rise && { rise }),
  };
}

/**
 * Takes in the calls of a run. An alarm comes as soon as an hour has had so many as an hour has once in `days`, and,
 * once it is known what is usual at its time of day, as soon as the hours up to it speak for a surge as they do once
 * in `days`.
 *
 * @param days - until a false alarm, where calls come as a negative binomial says
 * @param counts - of the entity ref of a tool, whether its calls count
 */
function observeCalls(
  series: CallSeries,
  run: EndedRun,
  days: number,
  counts: (toolRef: string) => boolean,
): { series: CallSeries; rise?: Rise } {
  const called = (run.toolsCalled ?? []).filter(counts);
  const next = at(series, hourOf(Date.parse(run.finishedAt)), days);
  if (called.length === 0) {
    return { series: next };
  }
  const tools = { ...next.current.tools };
  for (const ref of called) {
    const name = toolName(ref);
    if (Object.hasOwn(tools, name) || Object.keys(tools).length < MAX_NAMES) {
      tools[name] = (tools[name] ?? 0) + 1;
    }
  }
  const current = {
    ...next.current,
    tools,
    calls: next.current.calls + called.length,
    runIds: [...next.current.runIds, run.id].slice(-SHOWN_RUNS),
  };
  const rise = riseOf({ ...next, current }, days);
  return {
    series: { ...next, current },
    ...(rise && {
      rise: {
        ...rise,
        runIds: current.runIds,
        evidence: Object.entries(tools)
          .sort(([, a], [, b]) => b - a)
          .slice(0, 5)
          .map(
            ([name, times]) =>
              `${name}: ${times} ${times === 1 ? 'call' : 'calls'}${
                rise.runs > 1 ? ' in the last of them' : ''
              }`,
          ),
      },
    }),
  };
}

/** What is too much, by the hour alone or by the hours up to it. */
function riseOf(
  series: CallSeries & Required<Pick<CallSeries, 'current'>>,
  days: number,
): Pick<Rise, 'since' | 'usual' | 'happened' | 'runs'> | undefined {
  const { calls, hour, limit, usual } = series.current;
  if (limit !== undefined && calls >= limit) {
    const since = hour * HOUR_MS;
    return { since, usual: limit - 1, happened: calls, runs: 1 };
  }
  if (!usual) {
    return undefined;
  }
  // All of the hour counts as over, as a job makes all of its calls at the beginning of one.
  const { all, quiet } = withHour(series, usual);
  if (!isSurging([all, quiet], days * 24)) {
    return undefined;
  }
  const { count, expected, since } = likeliestSurge([all, quiet]);
  return {
    since: since * HOUR_MS,
    usual: expected,
    happened: count,
    runs: hour - since + 1,
  };
}

/** The evidence with that of the hour that is counted. */
function withHour(
  {
    current: { calls, hour, isQuiet },
    surges = { all: newCountDetector(), quiet: newCountDetector() },
  }: Required<Pick<CallSeries, 'current'>> & Pick<CallSeries, 'surges'>,
  usual: UsualCount,
): NonNullable<CallSeries['surges']> {
  return {
    all: observeCount(surges.all, hour, calls, usual),
    quiet: isQuiet
      ? observeCount(surges.quiet, hour, calls, usual)
      : surges.quiet,
  };
}

/** The series at the beginning of an hour: those before it are over, also the ones in which nothing was called. */
function at(
  series: CallSeries,
  hour: number,
  days: number,
): CallSeries & Required<Pick<CallSeries, 'current'>> {
  const { current } = series;
  if (current && current.hour >= hour) {
    // One that ended late counts in the hour that is counted.
    return { ...series, current };
  }
  let known = series;
  if (current) {
    // After a week without any run, nothing is known of the hours between.
    const last = Math.min(hour - 1, current.hour + HOURS);
    for (let each = current.hour; each <= last; each += 1) {
      known = over(begun(known, each, days));
    }
  }
  return begun(known, hour, days);
}

/** The series with an hour that is counted, if that is another one. */
function begun(
  series: CallSeries,
  hour: number,
  days: number,
): CallSeries & Required<Pick<CallSeries, 'current'>> {
  const { current, ...known } = series;
  if (current?.hour === hour) {
    return { ...known, current };
  }
  return {
    ...known,
    current: {
      ...{ hour, calls: 0, tools: {}, runIds: current?.runIds ?? [] },
      ...termsOf(known, hour, days),
    },
  };
}

/** The series when the hour that is counted is over. */
function over(
  series: CallSeries & Required<Pick<CallSeries, 'current'>>,
): CallSeries {
  const { all, current, pairs } = series;
  const { calls, hour, limit, usual } = current;
  // What was too much is not what is usual.
  const kept = Math.min(calls, limit ?? calls);
  const before = series.weeks[hourOfWeek(hour)]?.at(-1);
  const mean = before === undefined ? 0 : (before + kept) / 2;
  return {
    current,
    // Where nobody knows what is usual, nothing speaks for a surge.
    ...(usual && { surges: withHour(series, usual) }),
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

/** What an hour is held against; nothing while too little is known. */
function termsOf(
  series: CallSeries,
  hour: number,
  days: number,
): Pick<NonNullable<CallSeries['current']>, 'limit' | 'usual' | 'isQuiet'> {
  const { all, pairs } = series;
  if (all.hours < LEARNED_HOURS) {
    return {};
  }
  const share = 1 / (days * 24);
  const ofAll = all.sum / all.hours;
  const spread = dispersionOf(pairs.squares, pairs.mean, pairs.meanSquare);
  const mean = usualAt(series, hour, spread);
  if (mean === undefined) {
    const variance = all.squares / all.hours - ofAll ** 2;
    const dispersion = dispersionOf(variance, ofAll, ofAll ** 2);
    return { limit: limitOf(ofAll, dispersion, share) };
  }
  return {
    limit: limitOf(mean, spread, share),
    usual: { mean, dispersion: spread },
    isQuiet: mean < QUIET * ofAll,
  };
}

/**
 * What an hour has on average, somewhat rounded up: as the hours around it on all working days, or at the weekend,
 * have; as these days have at this very hour where that is something else; and as it has itself in other weeks where
 * it differs from those too, such as when a job comes each Monday. Undefined while too few are known.
 */
function usualAt(
  { weeks }: CallSeries,
  hour: number,
  dispersion: number,
): number | undefined {
  const place = hourOfWeek(hour);
  const around: number[] = [];
  const same: number[] = [];
  for (let other = 0; other < HOURS; other += 1) {
    const distance = Math.abs((other % 24) - (place % 24));
    if (
      isWeekend(other) === isWeekend(place) &&
      Math.min(distance, 24 - distance) <= NEAR_HOURS
    ) {
      const known = settled(weeks[other]);
      around.push(...known);
      if (distance === 0) {
        same.push(...known);
      }
    }
  }
  const own = settled(weeks[place]);
  if (same.length < ENOUGH_DAYS) {
    return undefined;
  }
  let mean = meanOf(around, dispersion);
  for (const closer of [same, own]) {
    const its = meanOf(closer, dispersion);
    if (closer.length >= 2 && (its.low > mean.value || its.high < mean.value)) {
      mean = its;
    }
  }
  return mean.atMost;
}

/** Without the last week, once there are others: a surge that goes on is not to become what is usual meanwhile. */
function settled(calls: number[] = []): number[] {
  return calls.length > 1 ? calls.slice(0, -1) : calls;
}

/** The mean of some hours, what it is with 9 of 10, and what it exceeds with one of four. */
function meanOf(calls: number[], dispersion: number) {
  const hours = Math.max(1, calls.length);
  const sum = calls.reduce((all, each) => all + each, 0);
  // So many times as much varies what comes in bursts.
  const bursts = 1 + dispersion * (sum / hours);
  const within = (confidence: number) =>
    countInterval(sum / bursts, confidence);
  const { high, low } = within(0.9);
  return {
    value: sum / hours,
    low: (low * bursts) / hours,
    high: (high * bursts) / hours,
    atMost: (within(0.5).high * bursts) / hours,
  };
}

/** Of hours of the week, which begin with a Thursday as 1970 did. */
function isWeekend(hour: number): boolean {
  const day = Math.floor(hour / 24);
  return day === 2 || day === 3;
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

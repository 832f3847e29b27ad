import {
  isRisen,
  newRateDetector,
  observeRate,
  type RateDetectorState,
  risenSince,
  upperBound,
} from '@agentportal/plugin-evals-common';
import { countHour, type Hours, usualAt } from './hourOfWeek';
import {
  evidenceOf,
  isAbove,
  learn,
  measure,
  type Measured,
  type Norm,
} from './norms';
import type { EndedRun, Rise, RunKind } from './watchedRun';

/** Runs from which is learned what is usual. */
const LEARNED_RUNS = 100;
const SHOWN_RUNS = 3;
const SHOWN_EVIDENCE = 5;
/** What is usual is known better each time that so many times the runs are known. */
const KNOWN_BETTER = 2;
const DAY_MS = 86_400_000;

/** What is known of a series whatever rises are looked for. */
interface Known {
  from: number;
  /** Share of runs that is usual at most. */
  usual: number;
  norm: Norm;
  /** Runs since it was learned, and how many of them were out of the ordinary. */
  counted: { runs: number; above: number };
  hours: Hours;
  /** How many runs a day had when it was learned. */
  perDay: number;
}

/** A series of runs that learns what is usual, or watches for more; as it is kept. */
export type RunSeries =
  | { phase: 'learning'; from: number; values: Measured[] }
  | (Known & {
      phase: 'watching';
      detector: RateDetectorState;
      /** When the first run of each rise that is looked for ended, and how many it had before. */
      begins: Array<{ at: number; happened: number }>;
      happened: number;
      runIds: string[];
      evidence: string[];
    });

/** A series that has seen nothing. */
export function newRunSeries(from: number): RunSeries {
  return { phase: 'learning', from, values: [] };
}

/** A series that knows what is usual, after an alarm. */
export function watchRunsAgain(series: RunSeries, from: number): RunSeries {
  return series.phase === 'learning' ? series : watching({ ...series, from });
}

/**
 * Takes in a run. An alarm comes when the evidence for a rise is so great that without one it would come once in
 * so many days.
 *
 * @param days - until a false alarm of this series, on average at least
 */
export function observeRun(
  series: RunSeries,
  kind: RunKind,
  run: EndedRun,
  days: number,
): { series: RunSeries; rise?: Rise } {
  const at = Date.parse(run.finishedAt);
  const value = measure(kind, run);
  if (value === undefined) {
    return { series };
  }
  if (series.phase === 'learning') {
    const values = [...series.values, value];
    return {
      series:
        values.length < LEARNED_RUNS
          ? { ...series, values }
          : learned(kind, values, series.from, at),
    };
  }
  const { norm } = series;
  const isMore = isAbove(norm, kind, value);
  const usual = usualAt(series.hours, at, series.usual);
  const detector = observeRate(series.detector, usual, isMore);
  const happened = series.happened + (isMore ? 1 : 0);
  const next = {
    ...series,
    ...knownBetter(series, isMore),
    detector,
    happened,
    hours: countHour(series.hours, at, isMore),
    begins: series.begins.map((begin, index) =>
      detector.rises[index].since === detector.events
        ? { at, happened }
        : begin,
    ),
    ...(isMore && {
      runIds: [...series.runIds, run.id].slice(-SHOWN_RUNS),
      evidence: [
        ...new Set([...evidenceOf(norm, kind, run), ...series.evidence]),
      ].slice(0, SHOWN_EVIDENCE),
    }),
  };
  const watchedDays = Math.max(1, (at - series.from) / DAY_MS);
  const perDay = Math.max(1, series.perDay, detector.events / watchedDays);
  if (!isRisen(detector, days * perDay)) {
    return { series: next };
  }
  const since = risenSince(detector);
  const begin =
    next.begins[detector.rises.findIndex(rise => rise.since === since)];
  return {
    series: next,
    rise: {
      since: begin.at,
      usual,
      ...(norm.threshold !== 0.5 && { threshold: norm.threshold }),
      happened: happened - begin.happened,
      runs: detector.events - since,
      runIds: next.runIds,
      evidence: next.evidence,
    },
  };
}

/**
 * A hundred runs say little about what seldom happens, so the bound comes down as more are known; never up, because
 * what becomes worse slowly shall not become usual.
 */
function knownBetter({ counted, norm, usual }: Known, isMore: boolean) {
  const runs = counted.runs + 1;
  const above = counted.above + (isMore ? 1 : 0);
  const times = Math.log2(runs / norm.runs) / Math.log2(KNOWN_BETTER);
  return {
    counted: { runs, above },
    usual:
      times > 0 && Number.isInteger(times)
        ? Math.min(usual, upperBound(above, runs))
        : usual,
  };
}

function learned(
  kind: RunKind,
  values: Measured[],
  from: number,
  at: number,
): RunSeries {
  return watching({
    ...learn(kind, values),
    from: at,
    counted: { runs: 0, above: 0 },
    hours: { weeks: {} },
    perDay: values.length / Math.max(1, (at - from) / DAY_MS),
  });
}

function watching(known: Known): RunSeries {
  const { from, usual, norm, counted, hours, perDay } = known;
  const detector = newRateDetector();
  return {
    ...{ phase: 'watching', from, usual, norm, counted, hours, perDay },
    detector,
    begins: detector.rises.map(() => ({ at: from, happened: 0 })),
    happened: 0,
    runIds: [],
    evidence: [],
  };
}

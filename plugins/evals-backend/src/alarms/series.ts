import {
  type AlarmKind,
  isRisen,
  newRateDetector,
  observeRate,
  type RateDetectorState,
  risenSince,
  upperBound,
} from '@agentportal/plugin-evals-common';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';

/** What is watched of each agent. */
export const KINDS: AlarmKind[] = ['failures', 'refusals', 'latency', 'cost'];

/** Runs from which is learned what is usual. */
export const LEARNED_RUNS = 100;
/** Of them, how many may take longer or cost more than what is usual. */
const LEARNED_ABOVE = 5;
const SHOWN_RUNS = 3;
const DAY_MS = 86_400_000;

/** What is used of a run that has ended. */
export type EndedRun = Pick<
  RunSummary,
  'id' | 'status' | 'refusedCalls' | 'durationMs'
> & { usage: { costNanoUsd: number }; finishedAt: string };

/** A series that learns what is usual, or watches for more; as it is kept. */
export type Series =
  | { phase: 'learning'; from: number; values: number[] }
  | {
      phase: 'watching';
      from: number;
      /** Share of runs that is usual at most. */
      usual: number;
      /** Above this a run is long or expensive, in ms or nano-USD. */
      threshold: number;
      /** How many runs a day had when it was learned. */
      perDay: number;
      detector: RateDetectorState;
      /** When the first run of each rise that is looked for ended, and how many it had before. */
      begins: Array<{ at: number; happened: number }>;
      happened: number;
      runIds: string[];
    };

/** What became worse. */
export interface Rise {
  since: number;
  usual: number;
  threshold: number;
  happened: number;
  runs: number;
  runIds: string[];
}

/** What is held against the threshold: of a run that failed, or in which a call was refused, 1. */
const VALUES: Record<AlarmKind, (run: EndedRun) => number> = {
  failures: ({ status }) => (status === 'failed' ? 1 : 0),
  refusals: ({ refusedCalls }) => (refusedCalls ? 1 : 0),
  latency: ({ durationMs }) => durationMs ?? 0,
  cost: ({ usage }) => usage.costNanoUsd,
};

/** A series that has seen nothing. */
export function newSeries(from: number): Series {
  return { phase: 'learning', from, values: [] };
}

/** A series that knows what is usual, after an alarm. */
export function watchAgain(series: Series, from: number): Series {
  return series.phase === 'learning' ? series : watching({ ...series, from });
}

/**
 * Takes in a run. An alarm comes when the evidence for a rise is so great that without one it would come once in
 * `falseAlarmDays` for all that is watched of the agent together.
 */
export function observe(
  series: Series,
  kind: AlarmKind,
  run: EndedRun,
  falseAlarmDays: number,
): { series: Series; rise?: Rise } {
  const at = Date.parse(run.finishedAt);
  const value = VALUES[kind](run);
  if (series.phase === 'learning') {
    const values = [...series.values, value];
    return {
      series:
        values.length < LEARNED_RUNS
          ? { ...series, values }
          : learned(kind, values, series.from, at),
    };
  }
  const isMore = value > series.threshold;
  const detector = observeRate(series.detector, series.usual, isMore);
  const happened = series.happened + (isMore ? 1 : 0);
  const next = {
    ...series,
    detector,
    happened,
    begins: series.begins.map((begin, index) =>
      detector.rises[index].since === detector.events
        ? { at, happened }
        : begin,
    ),
    runIds: isMore
      ? [...series.runIds, run.id].slice(-SHOWN_RUNS)
      : series.runIds,
  };
  const days = Math.max(1, (at - series.from) / DAY_MS);
  const perDay = Math.max(1, series.perDay, detector.events / days);
  if (!isRisen(detector, falseAlarmDays * KINDS.length * perDay)) {
    return { series: next };
  }
  const since = risenSince(detector);
  const begin =
    next.begins[detector.rises.findIndex(rise => rise.since === since)];
  return {
    series: next,
    rise: {
      since: begin.at,
      usual: series.usual,
      threshold: series.threshold,
      happened: happened - begin.happened,
      runs: detector.events - since,
      runIds: next.runIds,
    },
  };
}

function learned(
  kind: AlarmKind,
  values: number[],
  from: number,
  at: number,
): Series {
  const isShare = kind === 'failures' || kind === 'refusals';
  const sorted = [...values].sort((a, b) => a - b);
  const threshold = isShare ? 0.5 : sorted[sorted.length - 1 - LEARNED_ABOVE];
  const above = values.filter(value => value > threshold).length;
  return watching({
    from: at,
    threshold,
    // A bound and not the mean: the mean of a hundred runs is often too low, and that would be a false alarm.
    usual: Math.min(
      0.95,
      upperBound(isShare ? above : LEARNED_ABOVE, values.length),
    ),
    perDay: values.length / Math.max(1, (at - from) / DAY_MS),
  });
}

function watching(
  known: Pick<
    Extract<Series, { phase: 'watching' }>,
    'from' | 'usual' | 'threshold' | 'perDay'
  >,
): Series {
  const { from, usual, threshold, perDay } = known;
  const detector = newRateDetector();
  return {
    ...{ phase: 'watching', from, usual, threshold, perDay, detector },
    begins: detector.rises.map(() => ({ at: from, happened: 0 })),
    happened: 0,
    runIds: [],
  };
}

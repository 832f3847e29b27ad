import type { AlarmKind } from '@agentportal/plugin-evals-common';
import {
  newCallSeries,
  observeSensitiveCalls,
  type SensitiveSeries,
  type ToolTiers,
  watchCallsAgain,
} from './callSeries';
import {
  newRunSeries,
  observeRun,
  type RunSeries,
  watchRunsAgain,
} from './runSeries';
import type { EndedRun, Rise, RunKind } from './watchedRun';

/** What is watched of each agent, run by run. */
const RUN_KINDS: RunKind[] = [
  'failures',
  'refusals',
  'latency',
  'cost',
  'tokens',
  'paths',
];

/** A series as it is kept. */
export type Series = RunSeries | SensitiveSeries;

/** What is watched, and how often it may be wrong. */
export interface WatchTerms {
  /** Days in which an agent without any change may have one alarm, whatever it is about. */
  falseAlarmDays: number;
  /** Whether what agents said may be looked at. */
  hasContent: boolean;
  /** What tools may do; undefined while nobody knows. */
  tools?: ToolTiers;
}

/** What is watched of each agent. */
export function kindsOf({ hasContent }: Pick<WatchTerms, 'hasContent'>) {
  const kinds: AlarmKind[] = [...RUN_KINDS, 'calls'];
  return hasContent ? [...kinds, 'topics' as const] : kinds;
}

/** A series that has seen nothing. */
export function newSeries(kind: AlarmKind, from: number): Series {
  return kind === 'calls' ? newCallSeries() : newRunSeries(from);
}

/** A series that knows what is usual, after an alarm. */
export function watchAgain(
  kind: AlarmKind,
  series: Series,
  from: number,
): Series {
  return kind === 'calls'
    ? watchCallsAgain(series as SensitiveSeries)
    : watchRunsAgain(series as RunSeries, from);
}

/** Takes in a run; each kind has an equal part of the budget of false alarms. */
export function observe(
  series: Series | undefined,
  kind: AlarmKind,
  run: EndedRun,
  terms: WatchTerms,
): { series: Series; rise?: Rise } {
  const known = series ?? newSeries(kind, Date.parse(run.finishedAt));
  const days = terms.falseAlarmDays * kindsOf(terms).length;
  if (kind !== 'calls') {
    return observeRun(known as RunSeries, kind, run, days);
  }
  return terms.tools
    ? observeSensitiveCalls(known as SensitiveSeries, run, days, terms.tools)
    : // Nothing is known of these hours; they are not quiet ones.
      { series: watchCallsAgain(known as SensitiveSeries) };
}

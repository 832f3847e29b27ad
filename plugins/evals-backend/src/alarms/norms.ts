import { upperBound } from '@agentportal/plugin-evals-common';
import type { EndedRun, RunKind } from './watchedRun';
import { isUnusualPath, learnPaths, pathOf, unusualSteps } from './paths';
import { learnTopic, topicOf, strangeness } from './topics';

/** Of the runs from which is learned, how many may take longer or cost more than what is usual. */
const LEARNED_ABOVE = 5;

/** What a run is held against. */
export interface Norm {
  /** Above this a run is out of the ordinary; 0.5 for what happens or does not. */
  threshold: number;
  /** Of hashed steps from one tool to the next, or of hashed words, in how many runs they were. */
  seen?: Record<string, number>;
  /** Runs from which was learned. */
  runs: number;
}

/** What is remembered of a run until enough of them are there: a figure, or hashes of steps or words. */
export type Measured = number | number[];

/** Of a run, what a kind looks at; undefined where the run says nothing about it. */
export function measure(kind: RunKind, run: EndedRun): Measured | undefined {
  switch (kind) {
    case 'failures':
      return run.status === 'failed' ? 1 : 0;
    case 'refusals':
      return run.refusedCalls ? 1 : 0;
    case 'latency':
      return run.durationMs ?? 0;
    case 'cost':
      return run.usage.costNanoUsd;
    case 'tokens':
      return run.usage.inputTokens + run.usage.outputTokens;
    case 'paths':
      // One that failed half-way is seen as a failure.
      return run.status === 'succeeded' && run.toolsCalled
        ? pathOf(run.toolsCalled)
        : undefined;
    default:
      return run.status === 'succeeded'
        ? topicOf(run.output?.message ?? '')
        : undefined;
  }
}

/** What is usual, and the share of runs that is out of the ordinary at most while nothing changes. */
export function learn(
  kind: RunKind,
  measured: Measured[],
): { norm: Norm; usual: number } {
  const runs = measured.length;
  const bound = (above: number) => Math.min(0.95, upperBound(above, runs));
  const above = (threshold: number) => (value: number) => value > threshold;
  if (kind === 'failures' || kind === 'refusals') {
    const happened = (measured as number[]).filter(above(0.5)).length;
    return { norm: { threshold: 0.5, runs }, usual: bound(happened) };
  }
  if (kind === 'paths') {
    const { seen, unusual } = learnPaths(measured as number[][]);
    return { norm: { threshold: 0.5, seen, runs }, usual: bound(unusual) };
  }
  const topic =
    kind === 'topics' ? learnTopic(measured as number[][]) : undefined;
  const values = topic?.scores ?? (measured as number[]);
  const sorted = [...values].sort((a, b) => a - b);
  const threshold = sorted[Math.max(0, runs - 1 - LEARNED_ABOVE)];
  return {
    norm: { threshold, runs, ...(topic && { seen: topic.seen }) },
    usual: bound(LEARNED_ABOVE),
  };
}

/** Whether a run is out of the ordinary. */
export function isAbove(norm: Norm, kind: RunKind, value: Measured): boolean {
  if (kind === 'paths') {
    return isUnusualPath(norm, value as number[]);
  }
  return (
    (kind === 'topics'
      ? strangeness(norm, value as number[])
      : (value as number)) > norm.threshold
  );
}

/** What of a run is out of the ordinary, where a name says it. */
export function evidenceOf(norm: Norm, kind: RunKind, run: EndedRun): string[] {
  return kind === 'paths' ? unusualSteps(norm, run.toolsCalled ?? []) : [];
}

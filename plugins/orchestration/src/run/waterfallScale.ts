import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';

/** A step's place on the time axis, in percent of the whole. */
export interface Bar {
  left: number;
  width: number;
}

/** A bar that is shorter cannot be seen. */
const THINNEST = 0.8;

/** The span of time that the waterfall of a run, or of some of its steps, covers, in ms since the epoch. */
export function spanOf(
  run: Run,
  now: number,
  some?: readonly RunStep[],
): { start: number; end: number } {
  const all = some ?? run.steps;
  // Those that were taken over from another run happened in the time of that.
  const steps = all.filter(({ kept }) => !kept);
  const begun = some ? undefined : run.startedAt;
  const start = Date.parse(begun ?? steps[0]?.startedAt ?? run.createdAt);
  const ends = steps.map(step =>
    step.finishedAt ? Date.parse(step.finishedAt) : now,
  );
  if (some) {
    return { start, end: Math.max(start + 1, ...ends) };
  }
  const end = run.finishedAt ? Date.parse(run.finishedAt) : now;
  return { start, end: Math.max(start + 1, end, ...ends) };
}

/** Where a step lies in that span; a running step reaches to its end. */
export function barOf(
  step: RunStep,
  span: { start: number; end: number },
): Bar {
  const length = span.end - span.start;
  const from = Math.max(0, Date.parse(step.startedAt) - span.start);
  const to = step.finishedAt
    ? Date.parse(step.finishedAt) - span.start
    : length;
  const left = Math.min(100 - THINNEST, (from / length) * 100);
  const width = Math.max(THINNEST, ((to - from) / length) * 100);
  return { left, width: Math.min(width, 100 - left) };
}

import type { Span } from '@agentportal/plugin-traces-common';
import { align } from '@agentportal/plugin-agents-react';

/** A difference of durations that is worth a mark: a quarter of the longer one, and not a trifle. */
const SHARE = 0.25;
const LEAST_MS = 50;

/** One step of two traces, or of one of them alone. */
export interface ComparedStep {
  left?: Span;
  right?: Span;
  /** In what they differ; nothing when they are alike. */
  differs: ReadonlyArray<'missing' | 'status' | 'time' | 'model'>;
}

/** Pairs the steps of two traces by what they are called, how deep they lie and their order. */
export function compareSpans(
  left: readonly Span[],
  right: readonly Span[],
): ComparedStep[] {
  return align(
    left,
    right,
    ({ depth, kind, name }) => `${depth} ${kind} ${operationOf(kind, name)}`,
  ).map(pair => ({ ...pair, differs: differencesOf(pair) }));
}

/** Calls of models pair up whichever the model is, for that is what people compare. */
function operationOf(kind: Span['kind'], name: string): string {
  return kind === 'model' ? name.split(' ')[0] : name;
}

function differencesOf({
  left,
  right,
}: Omit<ComparedStep, 'differs'>): ComparedStep['differs'] {
  if (!left || !right) {
    return ['missing'];
  }
  const apart = Math.abs(left.durationMs - right.durationMs);
  const longer = Math.max(left.durationMs, right.durationMs);
  return [
    ...(left.status !== right.status ? (['status'] as const) : []),
    ...(left.model !== right.model ? (['model'] as const) : []),
    ...(apart > LEAST_MS && apart > longer * SHARE ? (['time'] as const) : []),
  ];
}

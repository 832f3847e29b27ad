import { align, type Pair } from '@agentportal/plugin-agents-react';
import {
  isOfWorkflow,
  type Run,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';

/** A step's place in a run: what was done, where, and not how it went. */
function placeOf(step: RunStep): string {
  return step.kind === 'model'
    ? `model ${step.nodePath ?? ''}`
    : `${step.kind} ${step.nodePath ?? ''} ${step.name}`;
}

/** The steps of two runs by their places. */
export function alignSteps(
  left: readonly RunStep[],
  right: readonly RunStep[],
): Array<Pair<RunStep>> {
  return align(left, right, placeOf);
}

/** The steps of a run, without what happened inside those that another run has taken over from it. */
export function withoutInsideKept(run: Run, other: Run): RunStep[] {
  const kept = new Set(
    other.steps.flatMap(step => (step.kept ? placeOf(step) : [])),
  );
  const inside = new Set(
    run.steps
      .filter(step => step.nodePath && kept.has(placeOf(step)))
      .map(({ id }) => id),
  );
  return run.steps.filter(step => {
    const { id, parentId } = step;
    const isInside =
      parentId !== undefined &&
      inside.has(parentId) &&
      // Rounds and items are taken over as well; what agents did is not.
      !isOfWorkflow(step);
    return !(isInside && inside.add(id));
  });
}

/** In what two steps can differ. */
export type Difference =
  | 'model'
  | 'arguments'
  | 'input'
  | 'result'
  | 'output'
  | 'outcome'
  | 'approval';

/** In what two steps at the same place differ; nothing when in no more than time. */
export function differencesOf(left: RunStep, right: RunStep): Difference[] {
  const differ = (of: (step: RunStep) => unknown) =>
    JSON.stringify(of(left) ?? null) !== JSON.stringify(of(right) ?? null);
  const isCall = left.kind === 'tool';
  const found: Difference[] = [];
  if (differ(({ kind, modelId, name }) => kind === 'model' && [modelId, name]))
    found.push('model');
  if (differ(inputOf)) found.push(isCall ? 'arguments' : 'input');
  if (differ(({ output }) => output)) found.push(isCall ? 'result' : 'output');
  if (differ(({ status }) => status)) found.push('outcome');
  if (differ(({ approval }) => approval?.status)) found.push('approval');
  return found;
}

/** What a step was given; messages count by what they say, not by their numbers and the ids of calls. */
function inputOf({ input }: RunStep): unknown {
  const { messages } = (input ?? {}) as { messages?: unknown };
  return Array.isArray(messages)
    ? messages.map(({ content, role }) => [role, content])
    : input;
}

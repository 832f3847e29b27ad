import {
  asksModel,
  isOfWorkflow,
  placeOf,
  type Run,
  type RunMessage,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { isFinal } from '../run/useRun';

/**
 * Whether runs can begin at this step: one of the run's own agent or workflow, in a run that has ended. Behind
 * what people answered only rehearsals can: they answered for that run alone.
 */
export function canBeginAt(run: Run, step: RunStep): boolean {
  return (
    isFinal(run) &&
    step.status !== 'running' &&
    isOwn(run, step) &&
    (run.rehearsal === true || answersBefore(run, step).length === 0)
  );
}

function isOwn(run: Run, step: RunStep): boolean {
  return run.graph
    ? isOfWorkflow(step)
    : step.parentId === undefined && step.kind !== 'node';
}

/** The step at which a failed run ended, from which it is tried again; nothing when that is its start. */
export function failedStep(run: Run): RunStep | undefined {
  if (run.graph) {
    // A workflow may go on after other failures. What failed stands after what it is inside of.
    return run.steps.findLast(
      step =>
        step.status === 'failed' &&
        step.error &&
        run.error?.message.includes(step.error.message) &&
        canBeginAt(run, step),
    );
  }
  const own = run.steps.filter(step => canBeginAt(run, step));
  // Those that failed before it are what the agent went on from.
  return own.length > 1 ? own.at(-1) : undefined;
}

/** Whether another model would change anything. */
export function mayChooseModel({ graph }: Run): boolean {
  return graph?.nodes.some(asksModel) ?? true;
}

/** Of a long workflow the latest ones are enough to be changed. */
const CALLS = 10;

/** What people answered before a step of a workflow. */
export function answersBefore(run: Run, step: RunStep): RunStep[] {
  return endsBefore(run, step, 'human');
}

/** What nodes before a step of a workflow set. */
export function valuesBefore(run: Run, step: RunStep): RunStep[] {
  return endsBefore(run, step, 'transform');
}

function endsBefore(run: Run, step: RunStep, of: string): RunStep[] {
  const nodes = new Set(
    run.graph?.nodes.flatMap(({ id, type }) => (type === of ? id : [])),
  );
  if (nodes.size === 0) {
    return [];
  }
  return run.steps
    .filter(
      each =>
        isOwn(run, each) &&
        each.index < step.index &&
        each.status === 'succeeded' &&
        nodes.has(placeOf(each.nodePath ?? '')),
    )
    .slice(-CALLS);
}

/** What stands before a step and may say something else: what people and tools said, in a workflow also models. */
export function messagesBefore(run: Run, step: RunStep): RunMessage[] {
  if (run.graph) {
    const results = new Set(
      run.steps.flatMap(each =>
        isOwn(run, each) &&
        each.index < step.index &&
        each.nodePath !== step.nodePath &&
        each.status === 'succeeded'
          ? each.outputMessage ?? []
          : [],
      ),
    );
    return (run.messages ?? [])
      .filter(
        ({ content, id }) => typeof content === 'string' && results.has(id),
      )
      .slice(-CALLS);
  }
  // A call stands on what its model was sent when it asked for it.
  const asking = run.steps.findLast(
    ({ index, kind, parentId }) =>
      index <= step.index && kind === 'model' && parentId === undefined,
  );
  const { messages = [] } = (asking?.input ?? {}) as {
    messages?: RunMessage[];
  };
  return messages.filter(
    ({ content, role }) =>
      (role === 'user' || role === 'tool') && typeof content === 'string',
  );
}

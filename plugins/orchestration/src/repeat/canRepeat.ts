import type {
  Run,
  RunMessage,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import { isFinal } from '../run/useRun';

/** Whether runs can begin at this step: one of the run's own agent, in a run that has ended. */
export function canBeginAt(run: Run, step: RunStep): boolean {
  return (
    isFinal(run) &&
    !run.graph &&
    step.parentId === undefined &&
    step.kind !== 'node' &&
    step.status !== 'running'
  );
}

/** The step at which a failed run ended, from which it is tried again; nothing when that is its start. */
export function failedStep(run: Run): RunStep | undefined {
  const own = run.steps.filter(step => canBeginAt(run, step));
  // Those that failed before it are what the agent went on from.
  return own.length > 1 ? own.at(-1) : undefined;
}

/** What stands before a step and may say something else: what people and tools said. */
export function messagesBefore(run: Run, step: RunStep): RunMessage[] {
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

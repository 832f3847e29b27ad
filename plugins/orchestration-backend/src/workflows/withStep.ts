import type { WorkflowNode } from '@agentportal/plugin-orchestration-common';
import { findInterrupt } from '../execution/interrupts';
import { findLetGo, findRunFailure, stopOf } from '../execution/RunFailure';
import type { StoredStep } from '../store/references';
import type { Place, WorkflowContext } from './WorkflowContext';

/**
 * Does the work of a node that is no call of its own, as a step of the run. When the run
 * goes on elsewhere the step does too.
 */
export async function withStep<T>(
  { started, task }: WorkflowContext,
  node: Pick<WorkflowNode, 'id' | 'title'>,
  place: Place,
  input: unknown,
  work: (step: StoredStep) => Promise<T>,
): Promise<T> {
  const { journal, signal } = task;
  const path = nodePathOf(task, place);
  started.add(path);
  const begun = journal.begun.steps.findLast(
    ({ kind, nodePath }) => kind === 'node' && nodePath === path,
  );
  if (begun?.status === 'succeeded') {
    // It is on record, and only its checkpoint was not written any more.
    return work(begun);
  }
  const step =
    begun && begun.status !== 'failed'
      ? journal.resumeStep(begun)
      : journal.startStep({
          kind: 'node',
          name: node.id,
          title: node.title,
          input,
          nodePath: path,
          parentId: place.parentStepId ?? task.parentStepId,
        });
  try {
    const output = await work(step);
    journal.endStep(step, { output });
    await journal.flush();
    return output;
  } catch (error) {
    if (findInterrupt(error)) {
      journal.suspendStep(step);
    } else if (!findLetGo(error) && (!signal.aborted || stopOf(signal))) {
      const failure = findRunFailure(error);
      journal.endStep(step, {
        error: failure?.toRunError() ?? {
          name: 'NodeFailed',
          message: error instanceof Error ? error.message : String(error),
        },
      });
    }
    throw error;
  }
}

/** The path of a node in the whole run: a workflow inside another one begins with its node. */
export function nodePathOf(
  { node }: WorkflowContext['task'],
  place: Place,
): string {
  return node ? `${node.path}/${place.path}` : place.path;
}

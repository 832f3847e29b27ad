import type {
  WorkflowNode,
  WorkflowNodeOf,
} from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { isCutShort } from '../events/bounded';
import { RunFailure } from '../execution/RunFailure';
import type { BegunRun } from '../store/JournalStore';
import type { StoredStep } from '../store/references';
import { agentOutput, modelOutput, toolOutput } from './outputs';
import {
  nodeFailed,
  type NodeResult,
  reasonOf,
  type WorkflowContext,
} from './WorkflowContext';

/**
 * What a node came to in the run that this one repeats, when that is kept: nothing of it
 * is done again, whatever its agents, models and tools are by now.
 *
 * @param path - of the node in the whole run
 * @returns undefined when the node is to run
 * @throws RunFailure of the node, when that is what it came to
 */
export function keptResult(
  { started, task, tools, refOf }: WorkflowContext,
  node: WorkflowNode,
  path: string,
): NodeResult | undefined {
  const { begun } = task.journal;
  const step = begun.steps.findLast(
    ({ kept, nodePath }) => kept && nodePath === path,
  );
  if (!step || isCutShort(step.output)) {
    return undefined;
  }
  started.add(path);
  if (step.status === 'failed') {
    throw failureOf(node, step);
  }
  if (step.kind === 'node') {
    const { taken } = Object(step.output);
    return {
      output: step.output,
      ...(node.type === 'condition' && { handle: taken }),
    };
  }
  const text = textOf(step, begun);
  switch (step.kind) {
    case 'model':
      return { output: modelOutput(node as WorkflowNodeOf<'model'>, text) };
    case 'agent':
      return {
        output: agentOutput(text, step.title ?? parseEntityRef(step.name).name),
      };
    default:
      return {
        output: toolOutput(text),
        call: {
          id: step.call!.id,
          name: tools.get(refOf(step.toolRef ?? '', 'Tool'))?.name ?? step.name,
          args: argsOf(step, begun),
        },
      };
  }
}

/** The message with what a step of a model, a tool or an agent gave back. */
export function resultOf(
  { call, result }: StoredStep,
  { messages }: Pick<BegunRun, 'messages'>,
) {
  return messages.find(({ id, role, toolCallId }) =>
    call ? role === 'tool' && toolCallId === call.id : id === result?.message,
  );
}

function textOf(step: StoredStep, begun: BegunRun): string {
  return String(resultOf(step, begun)?.content ?? '');
}

function argsOf(
  { call, input }: StoredStep,
  { messages }: BegunRun,
): Record<string, unknown> {
  const asked = messages
    .find(({ id }) => id === call?.message)
    ?.toolCalls?.find(({ id }) => id === call?.id);
  return (asked?.args ?? input ?? {}) as Record<string, unknown>;
}

function failureOf(node: WorkflowNode, { error }: StoredStep): RunFailure {
  const message = error?.message ?? '';
  return error?.name === 'NotNeeded'
    ? new RunFailure('NodeFailed', message)
    : nodeFailed(node, reasonOf(message));
}

import { fullRefOf } from '@agentportal/plugin-agents-common';
import {
  evaluateText,
  expandWorkflow,
  toText,
  validateWorkflow,
  ValueError,
  type Workflow,
} from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { HumanMessage } from '@langchain/core/messages';
import { randomUUID } from 'node:crypto';
import { refsOf } from '../agents/snapshot';
import { RunEventWriter } from '../execution/RunEventWriter';
import { RunFailure } from '../execution/RunFailure';
import { runGraph } from './runGraph';
import type { WorkflowContext } from './WorkflowContext';

/**
 * Runs the workflow of an agent from its first node to its answer, or goes on where
 * another process stopped.
 */
export async function runWorkflow(
  options: Omit<WorkflowContext, 'refOf' | 'started'>,
): Promise<string> {
  const { task } = options;
  const { namespace } = parseEntityRef(task.agent.ref);
  const context: WorkflowContext = {
    ...options,
    started: new Set(),
    refOf: (ref, kind) => fullRefOf(ref, kind, namespace) ?? ref,
  };
  const workflow = readWorkflow(context, namespace);
  const graph = expandWorkflow(workflow);
  const asked = task.messages.at(-1)!;
  const end = await runGraph(
    context,
    graph.nodes,
    {
      path: '',
      said: () => (task.depth === 0 ? [new HumanMessage(asked.text)] : []),
    },
    { input: { message: asked.text } },
  );
  const answer = answerOf(graph.output, end).trim();
  if (!answer) {
    throw new RunFailure(
      'NodeFailed',
      'The workflow came to its end without an answer. Its owner can say with spec.workflow.output what it is.',
    );
  }
  const events = new RunEventWriter({
    journal: task.journal,
    signal: task.signal,
    silent: task.depth > 0,
  });
  const text = events.textMessage(randomUUID());
  text.write(answer);
  text.end();
  return answer;
}

/** It was checked when it came into the catalog, but by the portal of that day. */
function readWorkflow({ task }: WorkflowContext, namespace: string): Workflow {
  const { workflow } = task.agent.spec;
  const [problem] = validateWorkflow(workflow, {
    ...refsOf(task.agent),
    namespace,
  });
  if (problem) {
    throw new RunFailure(
      'NodeFailed',
      `The workflow cannot be run: ${problem.message}.`,
    );
  }
  return workflow as unknown as Workflow;
}

function answerOf(
  template: string | undefined,
  end: Awaited<ReturnType<typeof runGraph>>,
): string {
  try {
    return template ? evaluateText(template, end.scope) : toText(end.last);
  } catch (error) {
    throw error instanceof ValueError
      ? new RunFailure(
          'NodeFailed',
          `The output of the workflow ${error.message}.`,
        )
      : error;
  }
}

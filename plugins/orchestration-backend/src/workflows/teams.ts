import { nameToldSecrets } from '@agentportal/guard';
import {
  evaluateText,
  type WorkflowNodeOf,
} from '@agentportal/plugin-orchestration-common';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { HumanMessage } from '@langchain/core/messages';
import { hash } from 'node:crypto';
import type { AgentTask } from '../execution/AgentTask';
import { createBudget } from '../execution/Budget';
import { createHandoffs, readTransfer } from '../execution/handoffs';
import { progressBelow } from '../execution/progress';
import { findRunFailure } from '../execution/RunFailure';
import { waitOut } from '../execution/waitOut';
import type { StoredRehearsal } from '../runs/rehearsals';
import { askAgent } from './calls';
import { humanOutput } from './outputs';
import { nodePathOf, withStep } from './withStep';
import {
  nodeFailed,
  type NodeHandler,
  type Place,
  type WorkflowContext,
} from './WorkflowContext';

/** Agents that pass work on are stopped when they do nothing else. */
const MAX_HANDOFFS = 6;

/**
 * The agent of the workflow itself, with its instructions, model and tools, which hands
 * parts of the work to others and answers.
 */
export const supervisorNode: NodeHandler<WorkflowNodeOf<'supervisor'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { deps, execute, task } = context;
  const question = evaluateText(node.task, scope);
  const { workflow: _, ...spec } = task.agent.spec;
  const agent = {
    ...task.agent,
    spec: { ...spec, type: 'orchestrator' as const, handoffs: node.agents },
  };
  const output = await withStep(
    context,
    node,
    place,
    { task: question, agents: node.agents },
    async step => {
      try {
        const text = await execute(deps, {
          ...task,
          agent,
          checkpoints: threadOf(context, nodePathOf(task, place)),
          messages: [new HumanMessage(question)],
          budget: createBudget(agent, deps.config, {
            parent: task.budget,
            ...progressBelow(task.journal.begun, ({ id }) => id === step.id),
          }),
          // The workflow speaks to the person, and this agent to the workflow.
          depth: task.depth + 1,
          parentStepId: step.id,
          node: { path: nodePathOf(task, place), depth: task.depth },
        });
        return { text, agent: task.agent.title ?? task.agent.name };
      } catch (error) {
        const failure = findRunFailure(error);
        throw failure?.name === 'ModelCallFailed' ||
          failure?.name === 'LoopDetected'
          ? nodeFailed(node, failure.message, failure)
          : error;
      }
    },
  );
  return { output };
};

/**
 * Agents that see each other and pass the whole work on, until one of them answers. Each of
 * them works under a delegation of the workflow, not of the one before. Whoever answered
 * last in a conversation is asked first in its next run.
 */
export const swarmNode: NodeHandler<WorkflowNodeOf<'swarm'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { deps, execute, task } = context;
  const { agents, maxHandoffs = MAX_HANDOFFS } = node;
  const refs = agents.map(ref => context.refOf(ref, 'Agent'));
  const handoffs = await createHandoffs(deps, task, (_, child: AgentTask) =>
    execute(deps, {
      ...child,
      transfers: true,
      agent: {
        ...child.agent,
        spec: {
          ...child.agent.spec,
          handoffs: refs.filter(ref => ref !== child.agent.ref),
        },
      },
    }),
  );
  const members: WorkflowContext = {
    ...context,
    agents: new Map(
      [...handoffs].map(([name, handoff]) => [
        handoff.agent.ref,
        { name, handoff },
      ]),
    ),
    steps: (at, options) => context.steps(at, { ...options, agents: handoffs }),
  };
  const first = (await lastOf(context, place)) ?? '';
  const output = await withStep(
    context,
    node,
    place,
    { agents: refs, first: refs.includes(first) ? first : refs[0] },
    async step => {
      // As it was when the step began, wherever it goes on.
      const way = [(step.input as { first?: string }).first ?? refs[0]];
      let question = evaluateText(node.task, scope);
      for (;;) {
        const { output: said } = await askAgent(
          members,
          node,
          {
            ...place,
            path: `${place.path}[${way.length}]`,
            parentStepId: step.id,
          },
          way.at(-1)!,
          question,
        );
        const transfer = readTransfer(said.text);
        if (!transfer || !refs.includes(transfer.to)) {
          return { ...said, way };
        }
        if (way.length > maxHandoffs) {
          throw nodeFailed(
            node,
            `the agents passed the work on ${
              way.length
            } times and nobody answered: ${way.join(' → ')}`,
          );
        }
        way.push(transfer.to);
        question = transfer.task;
      }
    },
  );
  return { output };
};

/** Who answered last in the same place of a run before, in this conversation. */
async function lastOf(
  { deps, task }: WorkflowContext,
  place: Place,
): Promise<string | undefined> {
  const { depth, runId, signal, threadId } = task;
  if (depth > 0) {
    return undefined;
  }
  const path = nodePathOf(task, place);
  const output = await waitOut(
    () =>
      deps.remembered(
        { runId, threadId },
        ({ kind, nodePath, status }) =>
          kind === 'node' && nodePath === path && status === 'succeeded',
      ),
    signal,
  );
  return (output as { way?: string[] } | undefined)?.way?.at(-1);
}

/** Asks a person, and waits for the answer without a process. */
export const humanNode: NodeHandler<WorkflowNodeOf<'human'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { deps, task } = context;
  const question = evaluateText(node.question, scope);
  const [title, ...more] = nameToldSecrets(question).split('\n');
  const output = await withStep(
    context,
    node,
    place,
    { question, askedOf: node.askedOf },
    async () => {
      if (task.rehearsal) {
        return rehearsedAnswer(node, task.rehearsal);
      }
      const { values, refusal } = await deps.approvals
        .ask(
          {
            requestKey: hash('sha256', `${task.checkpoints} ${place.path}`),
            title: title.slice(0, 255).padEnd(3, '.'),
            ...(more.length && {
              description: more.join('\n').slice(0, 4_000),
            }),
            form: node.form ?? {
              type: 'object',
              required: ['answer'],
              properties: { answer: { type: 'string', title: 'Answer' } },
            },
            askedOf: node.askedOf ?? [task.agent.spec.owner],
            agentRef: task.agent.ref,
            runId: task.runId,
            delegationId: task.delegationId,
            ...(node.expiresAfterHours && {
              expiresAt: new Date(
                Date.now() + node.expiresAfterHours * 3_600_000,
              ).toISOString(),
            }),
          },
          task.signal,
        )
        .catch((error: unknown) => {
          throw InputError.is(error) ? nodeFailed(node, error.message) : error;
        });
      if (!values) {
        throw nodeFailed(node, refusal ?? 'nobody has answered');
      }
      return humanOutput(values);
    },
  );
  return { output };
};

/** What was given as the answer of people, who are not asked in a rehearsal. */
function rehearsedAnswer(
  node: WorkflowNodeOf<'human'>,
  { answers }: StoredRehearsal,
) {
  const tool = `question:${node.id}`;
  const given = answers.find(answer => answer.tool === tool);
  if (!given) {
    throw nodeFailed(
      node,
      `people are not asked in a rehearsal. Give their answer with an entry of rehearsal.answers whose tool is ${tool}`,
    );
  }
  const { returns } = given;
  return humanOutput(
    typeof returns === 'string' ? { answer: returns } : (returns as JsonObject),
  );
}

/** Where the work of a node goes on that is an agent's. */
function threadOf({ task }: WorkflowContext, path: string): string {
  return `${task.runId}/${hash(
    'sha256',
    `${task.checkpoints} ${path}`,
    'base64url',
  )}`;
}

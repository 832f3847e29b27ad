import type { Delegation } from '@agentportal/plugin-agents-common';
import { DEFAULT_NAMESPACE, parseEntityRef } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import { type StructuredToolInterface, tool } from '@langchain/core/tools';
import { HumanMessage } from '@langchain/core/messages';
import { hash } from 'node:crypto';
import { z } from 'zod/v4';
import { aboutOf } from '../agents/capabilities';
import { type AgentSnapshot, agentTitle, asHeld } from '../agents/snapshot';
import type { AgentTask, ExecuteAgent, ExecutionDeps } from './AgentTask';
import { createBudget, startClock } from './Budget';
import { gatewayCall } from './gateway';
import { progressBelow } from './progress';
import { RunFailure } from './RunFailure';
import { toModelToolNames } from './toolNames';
import { waitOut } from './waitOut';

const TASK_SCHEMA: Record<string, unknown> = {
  type: 'object',
  required: ['task'],
  additionalProperties: false,
  properties: {
    task: {
      type: 'string',
      description:
        'The task in full, with everything that the other agent needs to know; it does not see this conversation.',
    },
  },
};

const TRANSFER = 'agentportal.dev/transfer';
const transferSchema = z.object({
  [TRANSFER]: z.object({ to: z.string(), task: z.string() }),
});

/** To whom an agent has passed its work on, when that is what its answer says. */
export function readTransfer(
  answer: string,
): { to: string; task: string } | undefined {
  if (!answer.startsWith('{')) {
    return undefined;
  }
  try {
    return transferSchema.safeParse(JSON.parse(answer)).data?.[TRANSFER];
  } catch {
    return undefined;
  }
}

/** Another agent to which this one may hand work. */
export interface Handoff {
  agent: AgentSnapshot;
  tool: StructuredToolInterface;
  /** Deletes the checkpoints of work whose answer is on record, by the id of the call. */
  forget(callId: string): Promise<void>;
}

/**
 * The agents to which work may be handed, as tools, by the name that the model
 * knows. An agent that cannot be run, or that the person may not run, is not
 * offered: a model cannot ask for what it does not see.
 */
export async function createHandoffs(
  deps: ExecutionDeps,
  task: AgentTask,
  execute: ExecuteAgent,
): Promise<Map<string, Handoff>> {
  const { agent, delegationId, depth, signal } = task;
  if (!agent.spec.handoffs?.length || depth >= deps.config.maxHandoffDepth) {
    return new Map();
  }
  const agents = await waitOut(async () => {
    const credentials = await deps.delegations.credentials(
      delegationId,
      signal,
    );
    return deps.runnable(
      await deps.agents.loadHandoffs(agent, credentials),
      credentials,
    );
  }, signal);
  // Names are unique within a namespace only.
  const toolName = ({ name, ref }: AgentSnapshot) => {
    const { namespace } = parseEntityRef(ref);
    return namespace === DEFAULT_NAMESPACE
      ? `handoff_to_${name}`
      : `handoff_to_${namespace}.${name}`;
  };
  const names = toModelToolNames(agents.map(toolName));
  return new Map(
    agents.map(other => {
      const name = names.get(toolName(other))!;
      return [
        name,
        {
          agent: other,
          tool: createTool(deps, task, other, name, execute),
          forget: callId =>
            deps.checkpointer.deleteThread(checkpointsOf(task, callId)),
        },
      ];
    }),
  );
}

/** A child delegation, or why there is none, in words that the model can act on. */
async function beginChild(
  deps: ExecutionDeps,
  task: AgentTask,
  agent: AgentSnapshot,
): Promise<Delegation | string> {
  try {
    // One that was begun twice ends with the one it came of.
    return await waitOut(
      () =>
        deps.delegations.begin({
          agentRef: agent.ref,
          startedBy: task.agent.ref,
          taskId: task.runId,
          parentId: task.delegationId,
        }),
      task.signal,
    );
  } catch (error) {
    if (NotAllowedError.is(error)) {
      return `The task cannot be handed over: ${error.message}`;
    }
    throw error;
  }
}

/** The same for the same call, so that work that was handed over goes on too. */
function checkpointsOf(task: AgentTask, callId = ''): string {
  const place = hash('sha256', `${task.checkpoints} ${callId}`, 'base64url');
  return `${task.runId}/${place}`;
}

function createTool(
  deps: ExecutionDeps,
  task: AgentTask,
  agent: AgentSnapshot,
  name: string,
  execute: ExecuteAgent,
): StructuredToolInterface {
  const about = aboutOf(agent);
  if (task.transfers) {
    return tool(
      async args =>
        JSON.stringify({
          [TRANSFER]: { to: agent.ref, task: (args as { task: string }).task },
        }),
      {
        name,
        description: `Passes the whole task on to ${agentTitle(
          agent,
        )}, which answers in your place. ${about}`.trim(),
        schema: TASK_SCHEMA,
        returnDirect: true,
      },
    ) as StructuredToolInterface;
  }
  return tool(
    async args => {
      const child = await beginChild(deps, task, agent);
      if (typeof child === 'string') {
        throw new RunFailure('AgentCallFailed', child);
      }
      const call = gatewayCall.getStore();
      const checkpoints = checkpointsOf(task, call?.callId);
      const { workedMs, ...done } = progressBelow(
        task.journal.begun,
        step => step.call !== undefined && step.call.id === call?.callId,
      );
      const held = asHeld(agent, child);
      const budget = createBudget(held, deps.config, {
        parent: task.budget,
        ...done,
      });
      const clock = startClock(budget.limits, workedMs);
      try {
        return await execute(deps, {
          ...task,
          agent: held,
          checkpoints,
          delegationId: child.id,
          // The same id for the same call: an answer to it that is on record is found again.
          messages: [
            new HumanMessage({
              id: checkpoints,
              content: (args as { task: string }).task,
            }),
          ],
          depth: task.depth + 1,
          budget,
          transfers: false,
          signal: AbortSignal.any([call?.signal ?? task.signal, clock.signal]),
          parentStepId: call?.stepId,
        });
      } finally {
        clock.stop();
        await deps.delegations.end(child.id, 'The task is done.');
      }
    },
    {
      name,
      description: `Hands a task to another agent, ${agentTitle(
        agent,
      )}, and gives back its answer. ${about}`.trim(),
      schema: TASK_SCHEMA,
    },
  ) as StructuredToolInterface;
}

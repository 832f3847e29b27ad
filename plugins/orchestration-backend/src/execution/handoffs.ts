import { type StructuredToolInterface, tool } from '@langchain/core/tools';
import { HumanMessage } from '@langchain/core/messages';
import type { AgentSnapshot } from '../agents/snapshot';
import { agentTitle } from '../agents/snapshot';
import type { AgentTask, ExecutionDeps } from './executeAgent';
import { gatewayCall } from './gateway';
import { toModelToolNames } from './toolNames';

/** Another agent to which this one may hand work. */
export interface Handoff {
  agent: AgentSnapshot;
  tool: StructuredToolInterface;
}

/** Runs an agent; given from outside, because agents run agents. */
export type ExecuteAgent = (
  deps: ExecutionDeps,
  task: AgentTask,
) => Promise<string>;

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
  const refs = task.agent.spec.handoffs ?? [];
  if (!refs.length || task.depth >= deps.config.maxHandoffDepth) {
    return new Map();
  }
  const agents: AgentSnapshot[] = [];
  for (const ref of refs) {
    try {
      const agent = await deps.agents.loadRunnable(ref, task.credentials);
      if (await deps.mayRun(agent, task.credentials)) {
        agents.push(agent);
      }
    } catch (error) {
      deps.logger.debug(
        `${task.agent.ref} cannot hand work to ${ref}: ${error}`,
      );
    }
  }
  const names = toModelToolNames(agents.map(agent => toolName(agent)));
  return new Map(
    agents.map(agent => {
      const name = names.get(toolName(agent))!;
      return [
        name,
        { agent, tool: createHandoffTool(deps, task, agent, name, execute) },
      ];
    }),
  );
}

function toolName(agent: AgentSnapshot): string {
  return `handoff_to_${agent.name}`;
}

function createHandoffTool(
  deps: ExecutionDeps,
  task: AgentTask,
  agent: AgentSnapshot,
  name: string,
  execute: ExecuteAgent,
): StructuredToolInterface {
  const about = agent.spec.handoffDescription ?? agent.description ?? '';
  return tool(
    async args =>
      execute(deps, {
        ...task,
        agent,
        messages: [new HumanMessage((args as { task: string }).task)],
        depth: task.depth + 1,
        parentBudget: task.budget,
        parentStepId: gatewayCall.getStore()?.stepId,
      }),
    {
      name,
      description: `Hands a task to another agent, ${agentTitle(
        agent,
      )}, and gives back its answer. ${about}`.trim(),
      schema: {
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
      },
    },
  ) as StructuredToolInterface;
}

import { instructionsOf } from '@agentportal/plugin-agents-common';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import { createAgent } from 'langchain';
import { type AgentSnapshot, refsOf } from '../agents/snapshot';
import type { AgentTask, ExecutionDeps } from './AgentTask';
import { bookedUsage } from './bookedUsage';
import { createGatewayFetch } from './gateway';
import { createHandoffs, type Handoff } from './handoffs';
import { createChatModel, emptyAnswer } from './model';
import { findInterrupt, requireEnded } from './interrupts';
import { findLetGo, findRunFailure, RunFailure } from './RunFailure';
import { RunEventWriter } from './RunEventWriter';
import { createStepMiddleware } from './stepMiddleware';
import { toModelToolNames } from './toolNames';
import { ToolSession } from './ToolSession';
import { runWorkflow } from '../workflows/runWorkflow';

/** Our own budget ends a run; LangGraph's count of supersteps must not. */
const RECURSION_LIMIT = 100_000;

/**
 * Runs an agent on the framework that it names until it answers, and returns the answer.
 * Throws a `RunFailure`, or the reason of the signal.
 */
export async function executeAgent(
  deps: ExecutionDeps,
  task: AgentTask,
): Promise<string> {
  const refusal = task.rehearsal && deps.runtimes.whyNotRehearsed(task.agent);
  if (refusal) {
    throw new RunFailure('AgentCallFailed', refusal);
  }
  const over = new AbortController();
  const signal = AbortSignal.any([task.signal, over.signal]);
  try {
    return await deps.runtimes.of(task.agent)(deps, { ...task, signal });
  } catch (error) {
    if (signal.aborted) {
      throw signal.reason;
    }
    throw (
      findLetGo(error) ?? findInterrupt(error) ?? findRunFailure(error) ?? error
    );
  } finally {
    // Calls that are still under way after a failure end here.
    over.abort();
  }
}

/** Runs an agent on LangChain. Models and tools are reached through the two gateways only. */
export async function runOnLangGraph(
  deps: ExecutionDeps,
  task: AgentTask,
): Promise<string> {
  const session = await openTools(deps, task);
  try {
    const parts = await createParts(deps, task, session);
    return await (task.agent.spec.workflow
      ? runWorkflow(workflowParts(deps, task, parts))
      : invoke(deps, task, parts));
  } finally {
    await session.close();
  }
}

async function openTools(
  deps: ExecutionDeps,
  task: AgentTask,
): Promise<ToolSession> {
  return ToolSession.create({
    url: `${await deps.discovery.getBaseUrl('tools')}/mcp`,
    fetch: gatewayFetch(deps, task, 'tools'),
    declared: refsOf(task.agent).tools,
    rehearsal: task.rehearsal,
    timeoutMs: deps.config.toolTimeoutSeconds * 1_000,
    signal: task.signal,
  });
}

/** What agents and workflows are made of. */
async function createParts(
  deps: ExecutionDeps,
  task: AgentTask,
  session: ToolSession,
) {
  const { agent } = task;
  const model = task.model ?? agent.spec.model ?? deps.config.defaultModel;
  return {
    session,
    handoffs: await createHandoffs(deps, task, executeAgent),
    model,
    chatModel: createChatModel({
      agent,
      model,
      baseUrl: await deps.discovery.getBaseUrl('models'),
      fetch: gatewayFetch(deps, task, 'models'),
    }),
  };
}

type Parts = Awaited<ReturnType<typeof createParts>>;

function createSteps(
  deps: ExecutionDeps,
  task: AgentTask,
  { session, handoffs, model }: Pick<Parts, 'session' | 'handoffs' | 'model'>,
  silent = task.depth > 0,
) {
  const { journal, signal } = task;
  return createStepMiddleware({
    task,
    model,
    session,
    handoffs,
    approvals: deps.approvals,
    tracing: deps.tracing,
    booked: index => bookedUsage(deps, { runId: task.runId, index }),
    events: new RunEventWriter({ journal, signal, silent }),
  });
}

function workflowParts(deps: ExecutionDeps, task: AgentTask, parts: Parts) {
  const { session, handoffs, chatModel } = parts;
  const byName = new Map(session.tools.map(tool => [tool.name, tool]));
  return {
    deps,
    task,
    execute: executeAgent,
    chatModel,
    systemPrompt: systemPrompt(task.agent),
    tools: new Map(
      [...session.byModelName].map(([name, { ref }]) => [
        ref,
        { name, tool: byName.get(name)! },
      ]),
    ),
    agents: new Map(
      [...handoffs].map(([name, handoff]) => [
        handoff.agent.ref,
        { name, handoff },
      ]),
    ),
    steps: (
      at: AgentTask,
      options: { agents?: Map<string, Handoff>; silent: boolean },
    ) =>
      createSteps(
        deps,
        at,
        { ...parts, handoffs: options.agents ?? handoffs },
        options.silent,
      ),
  };
}

async function invoke(
  deps: ExecutionDeps,
  task: AgentTask,
  parts: Parts,
): Promise<string> {
  const { agent, signal } = task;
  const { session, handoffs, chatModel } = parts;
  const graph = createAgent({
    name: agent.name.replaceAll(/[^a-zA-Z0-9_-]/g, '_'),
    model: chatModel,
    tools: [...session.tools, ...[...handoffs.values()].map(h => h.tool)],
    systemPrompt: systemPrompt(agent),
    checkpointer: deps.checkpointer,
    middleware: [createSteps(deps, task, parts)],
  });
  const configurable = {
    thread_id: task.checkpoints,
    // Whoever has lost its claim writes no checkpoint.
    run_claim: { runId: task.runId, fence: task.fence },
  };
  // Under the first claim nothing has been done yet.
  const begun =
    task.fence > 1 && (await deps.checkpointer.getTuple({ configurable }));
  let input: { messages: BaseMessage[] } | null = null;
  if (!begun) {
    const messages = withModelNames(task.messages, session, handoffs);
    if (AIMessage.isInstance(messages.at(-1))) {
      // It begins with calls that were asked for, as if its model had just done so.
      await graph.graph.updateState(
        { configurable },
        { messages },
        'model_request',
      );
    } else {
      input = { messages };
    }
  }
  const state = await graph.invoke(input, {
    configurable,
    // A step whose checkpoint is not written has not ended.
    durability: 'sync',
    signal,
    recursionLimit: RECURSION_LIMIT,
  });
  const answer = requireEnded(state).messages.at(-1)?.text.trim() ?? '';
  if (!answer) {
    throw emptyAnswer();
  }
  return answer;
}

/** Messages in which tools have the names under which this agent's model knows them. */
function withModelNames(
  messages: BaseMessage[],
  session: ToolSession,
  handoffs: Map<string, Handoff>,
): BaseMessage[] {
  const names = new Map([
    ...[...session.byModelName].map(
      ([name, { gatewayName }]) => [gatewayName, name] as const,
    ),
    ...[...handoffs].map(([name, { agent }]) => [agent.ref, name] as const),
  ]);
  return messages.map(message =>
    AIMessage.isInstance(message) && message.tool_calls?.length
      ? new AIMessage({
          id: message.id,
          content: message.content,
          tool_calls: message.tool_calls.map(call => ({
            ...call,
            // One that is not there any more is told so, by any name that models take.
            name:
              names.get(call.name) ??
              toModelToolNames([call.name]).get(call.name)!,
          })),
        })
      : message,
  );
}

function gatewayFetch(
  deps: ExecutionDeps,
  task: AgentTask,
  targetPluginId: 'models' | 'tools',
) {
  return createGatewayFetch({
    isRehearsal: task.rehearsal !== undefined,
    token: () =>
      deps.delegations.token(task.delegationId, targetPluginId, task.signal),
  });
}

function systemPrompt(agent: AgentSnapshot): string {
  return instructionsOf({ ...agent, instructions: agent.spec.instructions });
}

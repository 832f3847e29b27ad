import { createAgent } from 'langchain';
import { type AgentSnapshot, agentTitle, refsOf } from '../agents/snapshot';
import type { AgentTask, ExecutionDeps } from './AgentTask';
import { bookedUsage } from './bookedUsage';
import { createGatewayFetch } from './gateway';
import { createHandoffs } from './handoffs';
import { findInterrupt, requireEnded } from './interrupts';
import { createChatModel, emptyAnswer } from './model';
import { findLetGo, findRunFailure } from './RunFailure';
import { RunEventWriter } from './RunEventWriter';
import { createStepMiddleware } from './stepMiddleware';
import { ToolSession } from './ToolSession';

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
    return await invoke(deps, task, session);
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
    timeoutMs: deps.config.toolTimeoutSeconds * 1_000,
    signal: task.signal,
  });
}

async function invoke(
  deps: ExecutionDeps,
  task: AgentTask,
  session: ToolSession,
): Promise<string> {
  const { agent, journal, signal } = task;
  const model = agent.spec.model ?? deps.config.defaultModel;
  const handoffs = await createHandoffs(deps, task, executeAgent);
  const graph = createAgent({
    name: agent.name.replaceAll(/[^a-zA-Z0-9_-]/g, '_'),
    model: createChatModel({
      agent,
      model,
      baseUrl: await deps.discovery.getBaseUrl('models'),
      fetch: gatewayFetch(deps, task, 'models'),
    }),
    tools: [...session.tools, ...[...handoffs.values()].map(h => h.tool)],
    systemPrompt: systemPrompt(agent),
    checkpointer: deps.checkpointer,
    middleware: [
      createStepMiddleware({
        task,
        model,
        session,
        handoffs,
        approvals: deps.approvals,
        tracing: deps.tracing,
        booked: index => bookedUsage(deps, { runId: task.runId, index }),
        events: new RunEventWriter({ journal, signal, silent: task.depth > 0 }),
      }),
    ],
  });
  const configurable = {
    thread_id: task.checkpoints,
    // Whoever has lost its claim writes no checkpoint.
    run_claim: { runId: task.runId, fence: task.fence },
  };
  // Under the first claim nothing has been done yet.
  const begun =
    task.fence > 1 && (await deps.checkpointer.getTuple({ configurable }));
  const state = await graph.invoke(
    begun ? null : { messages: task.messages },
    {
      configurable,
      // A step whose checkpoint is not written has not ended.
      durability: 'sync',
      signal,
      recursionLimit: RECURSION_LIMIT,
    },
  );
  const answer = requireEnded(state).messages.at(-1)?.text.trim() ?? '';
  if (!answer) {
    throw emptyAnswer();
  }
  return answer;
}

function gatewayFetch(
  deps: ExecutionDeps,
  task: AgentTask,
  targetPluginId: 'models' | 'tools',
) {
  return createGatewayFetch({
    auth: deps.auth,
    credentials: () =>
      deps.delegations.credentials(task.delegationId, task.signal),
    targetPluginId,
  });
}

function systemPrompt(agent: AgentSnapshot): string {
  return (
    agent.spec.instructions?.trim() ||
    `You are ${agentTitle(agent)}. ${agent.description ?? ''}`.trim()
  );
}

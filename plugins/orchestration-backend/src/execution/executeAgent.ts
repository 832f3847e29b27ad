import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import type { BaseMessage } from '@langchain/core/messages';
import { createAgent } from 'langchain';
import type { AgentDirectory } from '../agents/AgentDirectory';
import { type AgentSnapshot, agentTitle } from '../agents/snapshot';
import type { OrchestrationConfig } from '../config';
import type { RunJournal } from '../events/RunJournal';
import { Budget, durationExceeded, resolveLimits } from './Budget';
import { createGatewayFetch } from './gateway';
import { createHandoffs } from './handoffs';
import { createChatModel, emptyAnswer } from './model';
import { findRunFailure } from './RunFailure';
import { createStepMiddleware } from './stepMiddleware';
import { ToolSession } from './ToolSession';

/** Our own budget ends a run; LangGraph's count of supersteps must not. */
const RECURSION_LIMIT = 100_000;

/** What running agents needs, the same for all runs. */
export interface ExecutionDeps {
  auth: AuthService;
  discovery: DiscoveryService;
  logger: LoggerService;
  tracing: TracingService;
  config: OrchestrationConfig;
  agents: AgentDirectory;
  /** Whether these credentials may start runs of the agent. */
  mayRun(
    agent: AgentSnapshot,
    credentials: BackstageCredentials,
  ): Promise<boolean>;
}

/** One agent at work: the run's own, or one that was handed a task. */
export interface AgentTask {
  runId: string;
  /** The conversation that the run is part of. */
  threadId: string;
  agent: AgentSnapshot;
  messages: BaseMessage[];
  credentials: BackstageCredentials;
  journal: RunJournal;
  signal: AbortSignal;
  depth: number;
  /** Told after each step what the whole run has used. */
  onStep: () => Promise<void>;
  /** Budget of this agent; made here, from its quotas, when left out. */
  budget?: Budget;
  parentBudget?: Budget;
  parentStepId?: string;
}

/** The budget that an agent's quotas give it. */
export function createBudget(
  agent: AgentSnapshot,
  config: OrchestrationConfig,
  parent?: Budget,
): Budget {
  return Budget.create({
    limits: resolveLimits(agent.spec.quotas, config.defaultLimits),
    loopThreshold: config.loopThreshold,
    parent,
  });
}

/**
 * Runs an agent on LangChain until it answers, and returns the answer. Models
 * and tools are reached through the two gateways only. Throws a
 * `RunFailure`, or the reason of the signal.
 */
export async function executeAgent(
  deps: ExecutionDeps,
  task: AgentTask,
): Promise<string> {
  const { agent } = task;
  const budget =
    task.parentBudget || !task.budget
      ? createBudget(agent, deps.config, task.parentBudget)
      : task.budget;
  const late = new AbortController();
  const { maxDurationSeconds } = budget.limits;
  const timer = setTimeout(
    () => late.abort(durationExceeded(maxDurationSeconds)),
    // Longer than setTimeout can wait is as good as for ever.
    Math.min(maxDurationSeconds * 1_000, 2 ** 31 - 1),
  );
  const signal = AbortSignal.any([task.signal, late.signal]);
  let session: ToolSession | undefined;
  try {
    const own: AgentTask = { ...task, budget, signal };
    session = await openTools(deps, own);
    return await invoke(deps, own, budget, session);
  } catch (error) {
    if (signal.aborted) {
      throw signal.reason;
    }
    throw findRunFailure(error) ?? error;
  } finally {
    clearTimeout(timer);
    // Calls that are still under way after a failure end here.
    late.abort();
    await session?.close();
  }
}

async function openTools(
  deps: ExecutionDeps,
  task: AgentTask,
): Promise<ToolSession> {
  const declared = await deps.agents.listTools(task.agent, task.credentials);
  return ToolSession.open({
    url: `${await deps.discovery.getBaseUrl('tools')}/mcp`,
    fetch: gatewayFetch(deps, task, 'tools'),
    declared,
    timeoutMs: deps.config.toolTimeoutSeconds * 1_000,
    signal: task.signal,
  });
}

async function invoke(
  deps: ExecutionDeps,
  task: AgentTask,
  budget: Budget,
  session: ToolSession,
): Promise<string> {
  const { agent, signal } = task;
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
    middleware: [
      createStepMiddleware({
        model,
        journal: task.journal,
        budget,
        session,
        handoffs,
        signal,
        tracing: deps.tracing,
        onStep: task.onStep,
        parentStepId: task.parentStepId,
        speaks: task.depth === 0,
        toolChoice: agent.spec.modelSettings?.toolChoice,
      }),
    ],
  });
  const { messages } = await graph.invoke(
    { messages: task.messages },
    { signal, recursionLimit: RECURSION_LIMIT },
  );
  const answer = messages.at(-1)?.text.trim() ?? '';
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
    credentials: task.credentials,
    targetPluginId,
    agentRef: task.agent.ref,
    runId: task.runId,
    threadId: task.threadId,
  });
}

function systemPrompt(agent: AgentSnapshot): string {
  return (
    agent.spec.instructions?.trim() ||
    `You are ${agentTitle(agent)}. ${agent.description ?? ''}`.trim()
  );
}

import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import type { JsonObject } from '@backstage/types';
import type { BaseMessage } from '@langchain/core/messages';
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import type { AgentDirectory } from '../agents/AgentDirectory';
import type { AgentSnapshot } from '../agents/snapshot';
import type { OrchestrationConfig } from '../config';
import type { RunJournal } from '../events/RunJournal';
import type { StoredRehearsal } from '../runs/rehearsals';
import type { StoredStep } from '../store/references';
import type { Budget } from './Budget';
import type { RunApprovals } from './RunApprovals';
import type { RunDelegations } from './RunDelegations';
import type { AgentRuntimes } from './runtimes';

/** What running agents needs, the same for all runs. */
export interface ExecutionDeps {
  auth: AuthService;
  discovery: DiscoveryService;
  logger: LoggerService;
  tracing: TracingService;
  config: OrchestrationConfig;
  agents: AgentDirectory;
  /** Where agents go on when their process has stopped. */
  checkpointer: BaseCheckpointSaver;
  delegations: RunDelegations;
  approvals: RunApprovals;
  runtimes: AgentRuntimes;
  /** What the latest such step has left in a conversation, in a run before this one. */
  remembered(
    of: { runId: string; threadId: string },
    isMeant: (step: StoredStep) => boolean,
  ): Promise<JsonObject | undefined>;
  /** Those of some agents that these credentials may start runs of. */
  runnable(
    agents: AgentSnapshot[],
    credentials: BackstageCredentials,
  ): Promise<AgentSnapshot[]>;
}

/** One agent at work: the run's own, or one that was handed a task. */
export interface AgentTask {
  runId: string;
  /** The claim under which this process works on the run. */
  fence: number;
  /** Under which id the agent's checkpoints are kept. */
  checkpoints: string;
  /** The conversation that the run is part of. */
  threadId: string;
  agent: AgentSnapshot;
  messages: BaseMessage[];
  /** Present in a rehearsal, in which tools that do something are left alone. */
  rehearsal: StoredRehearsal | undefined;
  /** What whoever repeats a run chose for all its agents, in place of their own models. */
  model?: string;
  /** Id of the delegation, which says on whose behalf and within what bounds it works. */
  delegationId: string;
  journal: RunJournal;
  signal: AbortSignal;
  /** Aborted when this process is about to end: no further step begins. */
  stopping: AbortSignal;
  depth: number;
  /** A trigger started the run: what the agent is told was written by no person. */
  isTriggered?: boolean;
  budget: Budget;
  parentStepId?: string;
  /** The node of a workflow that the work is done for, and how deep that workflow is. */
  node?: { path: string; depth: number };
  /** Whether it passes the whole work on to others, in place of asking them for parts. */
  transfers?: boolean;
}

/** Runs an agent until it answers. */
export type ExecuteAgent = (
  deps: ExecutionDeps,
  task: AgentTask,
) => Promise<string>;

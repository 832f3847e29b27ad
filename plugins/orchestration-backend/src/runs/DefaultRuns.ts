import {
  type AgentStats,
  asksModel,
  type CreatedRun,
  type CreateRunRequest,
  describeGraph,
  FINAL_RUN_STATUSES,
  type ForkRunRequest,
  type Run,
  type RunList,
  type RunSummary,
  type Thread,
  type ThreadList,
  type ThreadMessage,
} from '@agentportal/plugin-orchestration-common';
import type {
  AgentTrigger,
  Delegation,
} from '@agentportal/plugin-agents-common';
import {
  isAgentPrincipal,
  principalOf,
  type ToldSecrets,
} from '@agentportal/plugin-agents-node';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type AgentDirectory,
  normaliseAgentRef,
} from '../agents/AgentDirectory';
import { type AgentSnapshot, asHeld } from '../agents/snapshot';
import { DAY_MS, type OrchestrationConfig } from '../config';
import { narrowerQuotas, resolveLimits } from '../execution/Budget';
import type { RunDelegations } from '../execution/RunDelegations';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import type { JournalStore } from '../store/JournalStore';
import type { LeaseStore } from '../store/LeaseStore';
import type { StoredRun } from '../store/rows';
import type { NewRun, RunListQuery, RunStore } from '../store/RunStore';
import type { StatsStore } from '../store/StatsStore';
import type { ThreadStore } from '../store/ThreadStore';
import type { WorkerPool } from '../workers/WorkerPool';
import type {
  RunAssignment,
  RunningExperiments,
} from '../experiments/RunningExperiments';
import { callerName, readOnBehalfOf } from './caller';
import {
  readRehearsal,
  rehearsalOf,
  type StoredRehearsal,
  triedOf,
  withCandidate,
} from './rehearsals';
import { type CallContext, noSuchRun, type Runs } from './Runs';
import { stateBefore } from './stateBefore';
import { keptSteps } from '../workflows/keptSteps';

/** How many runs of a conversation are given out: 200 messages. */
const THREAD_RUNS = 100;
/** How long the answer to a cancellation waits for the run to end. */
const CANCEL_WAIT_MS = 2_000;
/** How long it is tried to find out whether work may begin, while other plugins are away. */
const ADMIT_WITHIN_MS = 5_000;
/** How long a run may wait for its turn before its right to work ends. */
const WAITING_MS = 60 * 60 * 1_000;
/** What the agents plugin allows, with room for clocks that differ. */
const LONGEST_DELEGATION_MS = 30 * DAY_MS - 60_000;

interface DefaultRunsOptions {
  agents: AgentDirectory;
  delegations: RunDelegations;
  experiments: Pick<RunningExperiments, 'assign'>;
  runs: RunStore;
  leases: LeaseStore;
  feeds: RunEventFeeds;
  journal: JournalStore;
  threads: ThreadStore;
  stats: StatsStore;
  pool: WorkerPool;
  toldSecrets: ToldSecrets;
  /** Takes over what the guard of tools found in another conversation. */
  inheritFindings(of: { from: string; to: string }): Promise<void>;
  instanceId: string;
  config: OrchestrationConfig;
}

/** A run that an agent begins by itself. */
export type OwnRun = Pick<NewRun, 'id' | 'message' | 'startedBy'> & {
  agentRef: string;
  /** Whoever could make it begin, and so approves nothing that it asks for. */
  behind?: string;
  /** What begins it, which may have limits of its own. */
  trigger?: AgentTrigger;
};

/** What people have not approved of a trigger yet starts nothing. */
export class TriggerNotApproved extends NotAllowedError {}

/** Runs as they are, without a question of who may do what. */
export class DefaultRuns implements Runs {
  readonly #o: DefaultRunsOptions;

  constructor(options: DefaultRunsOptions) {
    this.#o = options;
  }

  async create(
    request: CreateRunRequest,
    { admit, credentials }: CallContext,
  ): Promise<CreatedRun> {
    const message = request.input.message;
    if (!message.trim()) {
      throw new InputError(
        'Say what the agent should do: the message is empty.',
      );
    }
    const createdBy = callerName(credentials);
    const onBehalfOf = readOnBehalfOf(request.onBehalfOf, credentials, {
      allowedServices: this.#o.config.onBehalfOf.allowedServices,
      isRehearsal: request.rehearsal !== undefined,
    });
    const rehearsed = readRehearsal(request);
    const snapshot = await this.#o.agents.loadRunnable(
      request.agentRef,
      credentials,
      { isRehearsal: rehearsed.rehearsal !== undefined },
    );
    const threadId = request.threadId ?? randomUUID();
    let sessionId = threadId;
    if (request.threadId !== undefined) {
      const thread = await this.#requireOwnThread(
        request.threadId,
        createdBy,
        snapshot.ref,
      );
      requireSameKind(request.threadId, thread, rehearsed);
      sessionId = thread.sessionId;
    }
    const isPerson =
      principalOf(credentials).type === 'user' &&
      !isAgentPrincipal(credentials);
    const personRef = isPerson ? createdBy : onBehalfOf;
    const start = {
      id: randomUUID(),
      threadId,
      sessionId,
      snapshot,
      createdBy,
      message,
      ...rehearsed,
      admit,
      ...(!rehearsed.rehearsal && {
        experiment: await this.#o.experiments.assign(
          snapshot.ref,
          personRef ?? threadId,
        ),
      }),
    };
    if (isAgentPrincipal(credentials)) {
      return this.#start(
        { ...start, startedBy: { type: 'agent', id: createdBy } },
        await this.#o.agents.boundsOf(createdBy, snapshot.ref, credentials),
      );
    }
    return this.#start({
      ...start,
      onBehalfOf,
      personRef,
      startedBy: { type: isPerson ? 'person' : 'service', id: createdBy },
    });
  }

  async fork(
    id: string,
    { answers, fromStep, messages, model }: ForkRunRequest,
    { credentials }: CallContext,
  ): Promise<CreatedRun> {
    const run = await this.#require(id);
    const { summary } = run;
    const rehearsed = rehearsalOf(run);
    if (!FINAL_RUN_STATUSES.includes(summary.status)) {
      throw new ConflictError(
        `Run ${id} is ${summary.status}. Wait until it has ended, or stop it, and repeat it then.`,
      );
    }
    const snapshot = await this.#o.agents.loadRunnable(
      summary.agentRef,
      credentials,
      { isRehearsal: rehearsed.rehearsal !== undefined },
    );
    const createdBy = callerName(credentials);
    const isPerson = principalOf(credentials).type === 'user';
    const threadId = randomUUID();
    const from = await this.#sessionOf(run);
    // Nobody else gets at what tokens of a person stand for.
    const isOwn = personOf(run) === createdBy;
    const goesOnIn = isOwn ? from : threadId;
    const written = await this.#o.toldSecrets.hide(
      { answers, messages },
      { by: createdBy, sessionId: goesOnIn },
    );
    const before = await this.#before(run, snapshot, {
      ...written,
      fromStep,
      model,
    });
    const takesOver = Boolean(before.kept ?? before.messages);
    if (takesOver && !isOwn) {
      await this.#o.inheritFindings({ from, to: threadId });
    }
    // What tokens of another conversation stand for is its author's alone.
    const anew = <T>(said: T) =>
      isOwn && !takesOver ? this.#o.toldSecrets.reveal(said, from) : said;
    return this.#start({
      ...rehearsed,
      ...(rehearsed.rehearsal && { rehearsal: anew(rehearsed.rehearsal) }),
      id: randomUUID(),
      threadId,
      sessionId: takesOver ? goesOnIn : threadId,
      snapshot,
      createdBy,
      ...(isPerson && { personRef: createdBy }),
      startedBy: { type: isPerson ? 'person' : 'service', id: createdBy },
      // What people see as the question is what the agent is told last by one.
      message: String(
        before.messages?.findLast(({ role }) => role === 'user')?.content ??
          anew(run.message),
      ),
      fork: {
        runId: id,
        step: fromStep,
        model: model ?? summary.forkedFrom?.model,
        ...before,
      },
    });
  }

  /** The conversation by which the guard and rules know what its tools returned and its tokens stand for. */
  async #sessionOf({ summary }: StoredRun): Promise<string> {
    const thread = await this.#o.threads.get(summary.threadId);
    return thread?.sessionId ?? summary.threadId;
  }

  /** What a run that repeats another one begins with. */
  async #before(
    run: StoredRun,
    { spec }: AgentSnapshot,
    { answers, fromStep, messages, model }: ForkRunRequest,
  ): Promise<Pick<NonNullable<NewRun['fork']>, 'kept' | 'messages'>> {
    const { workflow } = spec;
    const begun = () => this.#o.journal.begun(run.summary.id);
    if (answers?.length && (!workflow || fromStep === undefined)) {
      throw new InputError(
        'Only a workflow that is repeated from a step keeps what people answered. Leave answers out.',
      );
    }
    if (!workflow) {
      return { messages: stateBefore(await begun(), fromStep, messages) };
    }
    if (model && !describeGraph(workflow)?.nodes.some(asksModel)) {
      throw new InputError(
        'No node of this workflow asks a model or an agent, so it cannot use another one. Leave model out.',
      );
    }
    if (fromStep === undefined) {
      if (messages?.length) {
        throw new InputError(
          'A workflow that is repeated from the start keeps nothing that could say something else. Leave messages out, or say with fromStep from where.',
        );
      }
      return {};
    }
    return {
      kept: keptSteps(await begun(), {
        ran: run.snapshot.spec.workflow,
        runs: workflow,
        fromStep,
        isRehearsal: rehearsalOf(run).rehearsal !== undefined,
        edits: { answers, messages },
      }),
    };
  }

  /**
   * Starts a run that nobody asked for, of an agent that acts in its own name. Of two
   * with the same id the second one is the first.
   *
   * @param credentials - of the portal, to read the agent with
   * @throws NotAllowedError when the agent may not act in its own name
   */
  async startInOwnName(
    run: OwnRun,
    { credentials }: CallContext,
  ): Promise<void> {
    if (await this.#o.runs.get(run.id)) {
      return;
    }
    const { agentRef, trigger, ...more } = run;
    const snapshot = await this.#o.agents.loadRunnable(agentRef, credentials);
    await this.#start({
      ...more,
      threadId: randomUUID(),
      snapshot,
      change: spec => ({
        ...spec,
        quotas: narrowerQuotas(spec.quotas, trigger?.quotas),
      }),
      check: ({ triggers }) => {
        if (trigger && !triggers?.some(it => isDeepStrictEqual(it, trigger))) {
          throw new TriggerNotApproved(
            `The trigger ${trigger.name} is not approved as it is. The page of the agent shows who was asked.`,
          );
        }
      },
      createdBy: snapshot.ref,
    });
  }

  async #start(
    run: Omit<NewRun, 'delegationId' | 'lease' | 'experiment'> & {
      personRef?: string;
      behind?: string;
      /** What this run wants to be different. */
      change?: (spec: AgentSnapshot['spec']) => AgentSnapshot['spec'];
      /** Asked where less may hold than the file of the agent says. */
      check?: (held: AgentSnapshot['spec']) => void;
      admit?: CallContext['admit'];
      experiment?: RunAssignment;
    },
    bounds?: Awaited<ReturnType<AgentDirectory['boundsOf']>>,
  ): Promise<CreatedRun> {
    const { config, delegations, instanceId, pool, runs } = this.#o;
    if (pool.stopping) {
      throw new ServiceUnavailableError(
        'The portal is restarting. Start the run again in a minute.',
      );
    }
    const { personRef, behind, check, admit, experiment, ...rest } = run;
    const { change = spec => spec, sessionId = run.threadId, ...row } = rest;
    const { id, threadId, snapshot, createdBy, onBehalfOf } = row;
    const written = await this.#o.toldSecrets.hide(
      { message: row.message, rehearsal: row.rehearsal },
      { by: onBehalfOf ?? createdBy, sessionId },
    );
    const { maxDurationSeconds } = resolveLimits(
      change(snapshot.spec).quotas,
      config.defaultLimits,
    );
    const waiting = {
      id,
      user: onBehalfOf ?? createdBy,
      agentRef: snapshot.ref,
      ownerRef: snapshot.ownerRef,
      delegationId: '',
    };
    await pool.submit(waiting, async () => {
      const delegation = await delegations.begin({
        ...bounds,
        agentRef: snapshot.ref,
        ...(personRef && { personRef }),
        startedBy: behind ?? createdBy,
        taskId: id,
        sessionId,
        expiresAt: new Date(
          Date.now() +
            Math.min(
              WAITING_MS + maxDurationSeconds * 1_000 + config.maxWaitMs,
              LONGEST_DELEGATION_MS,
            ),
        ).toISOString(),
      });
      waiting.delegationId = delegation.id;
      try {
        await admit?.(
          await delegations.credentials(
            delegation.id,
            AbortSignal.timeout(ADMIT_WITHIN_MS),
          ),
        );
        const held = asHeld(snapshot, delegation);
        if (delegation.definition) {
          check?.(held.spec);
        }
        const { candidate, ...assignment } =
          (mayDiffer(delegation) && experiment) || {};
        const tried = candidate ? triedOf(candidate) : row.tried;
        await runs.create({
          ...row,
          ...written,
          sessionId,
          snapshot: { ...held, spec: withCandidate(change(held.spec), tried) },
          tried,
          ...('id' in assignment && { experiment: assignment }),
          delegationId: delegation.id,
          lease: { owner: instanceId, ms: config.leaseSeconds * 1_000 },
        });
      } catch (error) {
        await delegations.end(delegation.id, 'The run was not written down.');
        throw error;
      }
    });
    return { id, status: 'queued', threadId };
  }

  async list(query: RunListQuery): Promise<RunList> {
    return this.#o.runs.list({
      ...query,
      ...(query.agentRef
        ? { agentRef: normaliseAgentRef(query.agentRef) }
        : {}),
    });
  }

  async get(id: string): Promise<Run> {
    const run = await this.#require(id);
    const read = await this.#o.journal.readSteps(id);
    const graph =
      run.snapshot.spec.workflow &&
      describeGraph(run.snapshot.spec.workflow, read.steps);
    return { ...run.summary, ...read, ...(graph && { graph }) };
  }

  async requireReadable(id: string): Promise<void> {
    await this.#require(id);
  }

  async cancel(id: string): Promise<RunSummary> {
    const { delegationId, fence, summary } = await this.#require(id);
    if (summary.status === 'interrupted') {
      // It waits for people; no process holds it.
      const { delegations, feeds, leases } = this.#o;
      if (await leases.end({ id, fence }, { status: 'cancelled' })) {
        feeds.notify(id);
        await delegations.end(delegationId, 'The run has ended.');
      } else {
        // It goes on just now.
        await leases.requestCancel(id);
      }
    } else if (!FINAL_RUN_STATUSES.includes(summary.status)) {
      // The flag reaches the process that works on the run, if it is not ours.
      await this.#o.leases.requestCancel(id);
      await this.#o.pool.cancel(id);
      await this.#o.pool.settled(id, CANCEL_WAIT_MS);
    }
    return (await this.#require(id)).summary;
  }

  async listThreads(
    query: { agentRef?: string; limit: number; cursor?: string },
    { credentials }: CallContext,
  ): Promise<ThreadList> {
    return this.#o.threads.list({
      ...query,
      ...(query.agentRef
        ? { agentRef: normaliseAgentRef(query.agentRef) }
        : {}),
      createdBy: callerName(credentials),
    });
  }

  async getThread(id: string, { credentials }: CallContext): Promise<Thread> {
    const thread = await this.#requireOwnThread(id, callerName(credentials));
    const runs = await this.#o.runs.listThreadRuns(id, THREAD_RUNS);
    return {
      id,
      agentRef: thread.agentRef,
      messages: runs.flatMap(({ summary }) => toMessages(summary)),
    };
  }

  async stats(
    query: Parameters<Runs['stats']>[0],
  ): Promise<{ items: AgentStats[] }> {
    const agentRefs = [...new Set(query.agentRefs.map(normaliseAgentRef))];
    return { items: await this.#o.stats.read({ ...query, agentRefs }) };
  }

  async #require(id: string): Promise<StoredRun> {
    const run = await this.#o.runs.get(id);
    if (!run) {
      throw noSuchRun(id);
    }
    return run;
  }

  /** A conversation belongs to one person and one agent. */
  async #requireOwnThread(id: string, createdBy: string, agentRef?: string) {
    const thread = await this.#o.threads.get(id);
    if (!thread || thread.createdBy !== createdBy) {
      throw new NotFoundError(
        `You have no conversation ${id}. Leave threadId out to begin a new one.`,
      );
    }
    if (agentRef && thread.agentRef !== agentRef) {
      throw new ConflictError(
        `Conversation ${id} is with ${thread.agentRef}. Leave threadId out to begin one with ${agentRef}.`,
      );
    }
    return thread;
  }
}

/** For whom a run was. */
function personOf({ summary }: StoredRun): string {
  return summary.onBehalfOf ?? summary.createdBy;
}

/**
 * Whether an experiment may give an agent other instructions or another model. Where people approve what it is in
 * production, it is that and nothing else.
 */
function mayDiffer({
  asksPeople = true,
  definition,
}: Pick<Delegation, 'asksPeople' | 'definition'>): boolean {
  return definition?.lifecycle !== 'production' || !asksPeople;
}

/** What was only rehearsed must not be taken for done later in a conversation, or the reverse. */
function requireSameKind(
  id: string,
  { isRehearsal }: { isRehearsal: boolean },
  { rehearsal }: { rehearsal?: StoredRehearsal },
): void {
  if (isRehearsal !== (rehearsal !== undefined)) {
    throw new ConflictError(
      `Conversation ${id} ${
        isRehearsal ? 'consists of rehearsals' : 'is no rehearsal'
      }. Leave threadId out to begin one.`,
    );
  }
}

function toMessages(run: RunSummary): ThreadMessage[] {
  const question: ThreadMessage = {
    role: 'user',
    content: run.input.message,
    runId: run.id,
    createdAt: run.createdAt,
  };
  return run.output
    ? [
        question,
        {
          role: 'assistant',
          content: run.output.message,
          runId: run.id,
          createdAt: run.finishedAt ?? run.createdAt,
        },
      ]
    : [question];
}

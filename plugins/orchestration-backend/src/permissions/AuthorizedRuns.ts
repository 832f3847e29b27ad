import {
  candidateRunPermission,
  type CreatedRun,
  type CreateRunRequest,
  type ForkRunRequest,
  type Run,
  type RunList,
  type RunSummary,
  runCancelPermission,
  runCreatePermission,
  runReadPermission,
  type Thread,
  type ThreadList,
} from '@agentportal/plugin-orchestration-common';
import {
  type AgentIdentities,
  PermissionDecisions,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import { normaliseAgentRef } from '../agents/AgentDirectory';
import { type CallContext, noSuchRun, type Runs } from '../runs/Runs';
import type { RunListQuery, RunStore } from '../store/RunStore';
import type { RunFilter } from '../store/runFilter';
import { type RunResource, runPermissionResourceRef } from './rules';

interface AuthorizedRunsOptions {
  inner: Runs;
  store: RunStore;
  identities: AgentIdentities;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}

/** A filter that no run passes. */
const NO_RUN: RunFilter = { key: 'creator', values: [] };

/**
 * Asks the permission framework before anything is done with runs. Agents start runs in
 * their own name only, and see no others, whatever a policy says.
 */
export class AuthorizedRuns implements Runs {
  readonly #inner: Runs;
  readonly #store: RunStore;
  readonly #identities: AgentIdentities;
  readonly #permissions: PermissionsService;
  readonly #decisions: PermissionDecisions<RunResource>;
  readonly #toFilter: ConditionTransformer<RunFilter>;

  constructor(options: AuthorizedRunsOptions) {
    this.#inner = options.inner;
    this.#store = options.store;
    this.#identities = options.identities;
    this.#permissions = options.permissions;
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: runPermissionResourceRef,
    });
    this.#toFilter = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(
        runPermissionResourceRef,
      ),
    );
  }

  async create(
    request: CreateRunRequest,
    context: CallContext,
  ): Promise<CreatedRun> {
    const program = await this.#programOf(context);
    const { candidate, onBehalfOf, rehearsal } = request;
    const agentRef = normaliseAgentRef(request.agentRef);
    const isService = principalOf(context.credentials).type === 'service';
    if (candidate && (program || (isService && !onBehalfOf))) {
      throw new NotAllowedError(
        'Candidates are tried for people. Say for whom with onBehalfOf, or let a person do it.',
      );
    }
    const admit = (credentials: BackstageCredentials) =>
      this.#requireMayStart(agentRef, credentials, candidate !== undefined);
    await admit(context.credentials);
    return this.#inner.create(request, {
      ...context,
      // What a service may says nothing of the person for whom it asks.
      ...(isService && rehearsal && { admit }),
    });
  }

  async fork(
    id: string,
    request: ForkRunRequest,
    context: CallContext,
  ): Promise<CreatedRun> {
    if (await this.#programOf(context)) {
      throw new NotAllowedError('Runs are repeated by people.');
    }
    await this.requireReadable(id, context);
    const run = await this.#store.get(id);
    if (!run) {
      throw noSuchRun(id);
    }
    const { agentRef, rehearsal } = run.summary;
    // Runs that took part in an experiment are repeated without its candidate.
    const candidate = rehearsal && run.summary.candidate;
    const { credentials } = context;
    if (candidate && principalOf(credentials).type === 'service') {
      throw new NotAllowedError(
        'Candidates are tried for people. Start a run of its own, and say for whom with onBehalfOf.',
      );
    }
    await this.#requireMayStart(agentRef, credentials, Boolean(candidate));
    return this.#inner.fork(id, request, context);
  }

  /** Whether these credentials may start a run of an agent, also with a candidate. */
  async #requireMayStart(
    agentRef: string,
    credentials: BackstageCredentials,
    withCandidate: boolean,
  ): Promise<void> {
    const asked = withCandidate
      ? [runCreatePermission, candidateRunPermission]
      : [runCreatePermission];
    const decisions = await this.#permissions.authorize(
      asked.map(permission => ({ permission, resourceRef: agentRef })),
      { credentials },
    );
    const [denied] = asked.filter(
      (_, i) => decisions[i].result !== AuthorizeResult.ALLOW,
    );
    if (denied) {
      const ask =
        "Ask its owner, or the people who set the portal's permissions.";
      throw new NotAllowedError(
        denied === runCreatePermission
          ? `You may not start runs of ${agentRef}. ${ask}`
          : `You may not try other instructions or models for ${agentRef} (${denied.name}). ${ask}`,
      );
    }
  }

  async list(query: RunListQuery, context: CallContext): Promise<RunList> {
    const allowed = await this.#readFilter(context);
    return allowed === 'none'
      ? { items: [] }
      : this.#inner.list({ ...query, allowed }, context);
  }

  async get(id: string, context: CallContext): Promise<Run> {
    await this.requireReadable(id, context);
    return this.#inner.get(id, context);
  }

  async requireReadable(id: string, context: CallContext): Promise<void> {
    if (!(await this.#may(runReadPermission, id, context))) {
      throw noSuchRun(id);
    }
  }

  async cancel(id: string, context: CallContext): Promise<RunSummary> {
    await this.requireReadable(id, context);
    if (!(await this.#may(runCancelPermission, id, context))) {
      throw new NotAllowedError(
        `You may read run ${id}, but not stop it. Ask the person who started it.`,
      );
    }
    return this.#inner.cancel(id, context);
  }

  // Conversations are the caller's own, so the rule on creators is built in;
  // a policy that forbids reading runs altogether still holds.
  async listThreads(
    query: Parameters<Runs['listThreads']>[0],
    context: CallContext,
  ): Promise<ThreadList> {
    return (await this.#readFilter(context)) === 'none'
      ? { items: [] }
      : this.#inner.listThreads(query, context);
  }

  async getThread(id: string, context: CallContext): Promise<Thread> {
    if ((await this.#readFilter(context)) === 'none') {
      throw new NotAllowedError('You may not read runs, nor conversations.');
    }
    return this.#inner.getThread(id, context);
  }

  async stats(
    query: Parameters<Runs['stats']>[0],
    context: CallContext,
  ): ReturnType<Runs['stats']> {
    const allowed = await this.#readFilter(context);
    return this.#inner.stats(
      { ...query, allowed: allowed === 'none' ? NO_RUN : allowed },
      context,
    );
  }

  /**
   * The agent that calls with a token of its own, if one does. What an agent reads in the
   * middle of work for somebody, its owner may read too, in that run; and a run that it
   * starts there would have neither the depth nor the budget nor the bounds of the
   * one that it came from; hand-offs have. So those that work on something, or call through
   * another plugin, do nothing with runs.
   */
  async #programOf({ credentials }: CallContext): Promise<string | undefined> {
    const party = await this.#identities.resolve(credentials);
    if (party.type !== 'agent') {
      return undefined;
    }
    if (party.delegation || party.actor) {
      throw new NotAllowedError(
        'Agents may neither start runs nor read or stop them while they work on something. Name the other agent in spec.handoffs and hand the work over, or let a person do it.',
      );
    }
    return party.agentRef;
  }

  async #readFilter(
    context: CallContext,
  ): Promise<PermissionCriteria<RunFilter> | undefined | 'none'> {
    const program = await this.#programOf(context);
    if (program) {
      return { key: 'creator', values: [program] };
    }
    const { credentials } = context;
    const decision = await this.#decisions.decide(
      runReadPermission,
      credentials,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return this.#toFilter(decision.conditions);
      default:
        return 'none';
    }
  }

  /** Decides in this process, where the run is; false when there is none. */
  async #may(
    permission: typeof runReadPermission,
    id: string,
    context: CallContext,
  ): Promise<boolean> {
    const program = await this.#programOf(context);
    if (program) {
      const own = await this.#store.get(id);
      return own?.summary.createdBy === program;
    }
    const { credentials } = context;
    const [{ allows }, run] = await Promise.all([
      this.#decisions.allower(permission, credentials),
      this.#store.get(id),
    ]);
    return run !== undefined && allows(run);
  }
}

/** For each agent, whether these credentials may start runs of it. */
export async function mayRun(
  permissions: PermissionsService,
  agentRefs: string[],
  credentials: BackstageCredentials,
): Promise<boolean[]> {
  const decisions = await permissions.authorize(
    agentRefs.map(resourceRef => ({
      permission: runCreatePermission,
      resourceRef,
    })),
    { credentials },
  );
  return decisions.map(({ result }) => result === AuthorizeResult.ALLOW);
}

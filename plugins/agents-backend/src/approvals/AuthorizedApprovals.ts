import {
  agentsAgentReadPermission,
  agentsApprovalDecidePermission,
  agentsApprovalReadPermission,
  type Approval,
  type ApprovalPage,
  type ApprovalSummary,
  type ApproverPage,
  type ListApprovalsQuery,
  type NewAccessRequest,
  type NewApprovalDecision,
  type NewApprovalDeputy,
} from '@agentportal/plugin-agents-common';
import {
  isAgentPrincipal,
  PermissionDecisions,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import { createConditionTransformer } from '@backstage/plugin-permission-node';
import type { JsonObject } from '@backstage/types';
import type { AgentsConfig } from '../config';
import type { DelegationStore } from '../delegations/DelegationStore';
import { requireRef } from '../identities/agentRef';
import type { AgentRecords } from '../identities/AgentRecords';
import type { AgentDirectory } from '../listing/AgentDirectory';
import { iso } from '../store/times';
import { type ApprovalRecord, type Decider, inWords } from './ApprovalRecord';
import type {
  ApprovalFilter,
  ApprovalLists,
  PartyFilter,
} from './ApprovalLists';
import type { ApprovalRequests } from './ApprovalRequests';
import { type Approvals, noSuchApproval } from './Approvals';
import type { ApprovalStore } from './ApprovalStore';
import type { Deciders } from './Deciders';
import { DECISION_DAYS, decisionTimes, warningOf } from './decisionTimes';
import type { DeputyStore } from './DeputyStore';
import { toApproval, toListItem, whyNotWithdraw } from './describe';
import { quarterOf } from './emergency';
import { partiesOf } from './parties';
import {
  type ApprovalResource,
  approvalPermissionResourceRef,
} from './permissions';

/** Of so many earlier calls it is told what is usual. */
const SIMILAR = 50;
const DECIDED = 200;
/** Decisions of all people that are looked at, and people that are shown. */
const ALL_DECIDED = 10_000;
const SHOWN_APPROVERS = 100;
const DECISIONS_MS = DECISION_DAYS * 86_400_000;
const LONGEST_DEPUTY_MS = 366 * 86_400_000;
const NO_PARTY: PermissionCriteria<PartyFilter> = { claims: [] };

interface AuthorizedApprovalsOptions {
  approvals: Approvals;
  requests: ApprovalRequests;
  store: ApprovalStore;
  lists: ApprovalLists;
  deciders: Deciders;
  deputies: DeputyStore;
  delegations: DelegationStore;
  directory: AgentDirectory;
  records: AgentRecords;
  config: AgentsConfig['approvals'];
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}

/** What people do with requests, after the permission framework was asked. */
export class AuthorizedApprovals {
  readonly #o: AuthorizedApprovalsOptions;
  readonly #decisions: PermissionDecisions<ApprovalResource>;
  readonly #toFilter;

  constructor(options: AuthorizedApprovalsOptions) {
    this.#o = options;
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: approvalPermissionResourceRef,
    });
    this.#toFilter = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(
        approvalPermissionResourceRef,
      ),
    );
  }

  async list(
    query: ListApprovalsQuery & { limit: number },
    credentials: BackstageCredentials,
  ): Promise<ApprovalPage> {
    const me = await this.#decider(credentials);
    const { view = 'mine', limit, cursor, agentRef, ...filter } = query;
    const { items, nextCursor } = await this.#o.lists.page(
      {
        ...viewOf(view, me, filter.status === undefined),
        ...filter,
        ...(agentRef && {
          agentRef: requireRef('agentRef', agentRef, 'Agent'),
        }),
        ...(filter.status === undefined &&
          view === 'mine' && { status: ['pending'] }),
        ...(await this.#readable(credentials, me)),
      },
      { limit, cursor },
    );
    return {
      items: items.map(each => toListItem(each, me)),
      ...(nextCursor && { nextCursor }),
    };
  }

  async summary(credentials: BackstageCredentials): Promise<ApprovalSummary> {
    const me = await this.#decider(credentials);
    const readable = await this.#readable(credentials, me);
    const waiting = (view: View) =>
      this.#o.lists.count({
        ...viewOf(view, me, true),
        status: ['pending'],
        ...readable,
      });
    const now = Date.now();
    const { breakGlass } = this.#o.config;
    const [mine, team, requested, decided, used] = await Promise.all([
      waiting('mine'),
      waiting('team'),
      waiting('requested'),
      this.#o.store.decisionsSince(now - DECISIONS_MS, {
        by: [me.ref],
        limit: DECIDED,
      }),
      breakGlass && this.#o.store.breaksIn(quarterOf(now)),
    ]);
    const { isHasty, ...times } = decisionTimes(decided);
    const warning = warningOf({ isHasty, ...times });
    return {
      waiting: { mine, team, requested },
      decided: { days: DECISION_DAYS, ...times, ...(warning && { warning }) },
      seesApprovers: this.#isOperator(me),
      ...(breakGlass && {
        breakGlass: { used: used ?? 0, quota: breakGlass.perQuarter },
      }),
    };
  }

  /** How people decide, for those to whom requests are handed on. */
  async approvers(credentials: BackstageCredentials): Promise<ApproverPage> {
    const me = await this.#decider(credentials);
    if (!this.#isOperator(me)) {
      throw new NotAllowedError(
        `How people decide is for those to whom requests are handed on: ${inWords(
          this.#o.config.escalateTo,
        )}.`,
      );
    }
    const made = await this.#o.store.decisionsSince(Date.now() - DECISIONS_MS, {
      limit: ALL_DECIDED,
    });
    const byPerson = Map.groupBy(made, ({ by }) => by);
    return {
      days: DECISION_DAYS,
      items: [...byPerson]
        .map(([ref, decisions]) => ({ ref, ...decisionTimes(decisions) }))
        .sort(
          (a, b) => Number(b.isHasty) - Number(a.isHasty) || b.count - a.count,
        )
        .slice(0, SHOWN_APPROVERS),
    };
  }

  async get(id: string, credentials: BackstageCredentials): Promise<Approval> {
    const record = await this.#o.approvals.require(id);
    if (isAgentPrincipal(credentials)) {
      if (!(await this.#isOwnOf(credentials, record))) {
        throw noSuchApproval(id);
      }
      return toApproval(record, { similar: [] });
    }
    const me = await this.#decider(credentials);
    await this.#requireReadable(record, credentials);
    return this.#describe(record, me, credentials);
  }

  async decide(
    id: string,
    { args, ...body }: NewApprovalDecision,
    credentials: BackstageCredentials,
  ): Promise<Approval> {
    const me = await this.#requireDecider(id, credentials);
    const after = await this.#o.approvals.decide(id, me, {
      ...body,
      ...(args && { args: args as JsonObject }),
    });
    return this.#describe(after, me, credentials);
  }

  async answer(
    id: string,
    values: Record<string, unknown>,
    credentials: BackstageCredentials,
  ): Promise<Approval> {
    const me = await this.#requireDecider(id, credentials);
    const after = await this.#o.approvals.answer(id, me, values as JsonObject);
    return this.#describe(after, me, credentials);
  }

  async addMessage(
    id: string,
    text: string,
    credentials: BackstageCredentials,
  ): Promise<Approval> {
    const me = await this.#decider(credentials);
    const record = await this.#o.approvals.require(id);
    await this.#requireReadable(record, credentials);
    const after = await this.#o.approvals.addMessage(id, me.ref, text);
    return this.#describe(after, me, credentials);
  }

  async withdraw(
    id: string,
    reason: string | undefined,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const me = await this.#decider(credentials);
    const record = await this.#o.approvals.require(id);
    await this.#requireReadable(record, credentials);
    const refusal = whyNotWithdraw(record, me.ref);
    if (refusal) {
      throw new NotAllowedError(refusal);
    }
    await this.#o.approvals.withdraw(id, me.ref, reason);
  }

  async requestAccess(
    body: NewAccessRequest,
    credentials: BackstageCredentials,
  ) {
    const me = requirePerson(credentials);
    const [{ result }] = await this.#o.permissions.authorize(
      [{ permission: agentsAgentReadPermission }],
      { credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `This takes the permission ${agentsAgentReadPermission.name}. Ask the people who run the portal.`,
      );
    }
    const agentRef = requireRef('agentRef', body.agentRef, 'Agent');
    await this.#o.directory.get(parseEntityRef(agentRef), credentials);
    return this.#o.requests.requestAccess({ ...body, agentRef }, me);
  }

  async deputy(credentials: BackstageCredentials) {
    const me = requirePerson(credentials);
    const live = await this.#o.deputies.live(Date.now());
    const own = live.find(({ personRef }) => personRef === me);
    return {
      ...(own && { deputyRef: own.deputyRef, until: iso(own.until) }),
      standsInFor: live
        .filter(({ deputyRef }) => deputyRef === me)
        .map(({ personRef, until }) => ({ personRef, until: iso(until) })),
    };
  }

  async setDeputy(body: NewApprovalDeputy, credentials: BackstageCredentials) {
    const me = requirePerson(credentials);
    const { never } = await this.#decisions.allower(
      agentsApprovalDecidePermission,
      credentials,
    );
    if (never) {
      throw new NotAllowedError(
        `You decide nothing here, which takes the permission ${agentsApprovalDecidePermission.name}, so nobody can in your place.`,
      );
    }
    const deputyRef = requireRef('deputyRef', body.deputyRef, 'User');
    const until = Date.parse(body.until);
    const now = Date.now();
    if (deputyRef === me) {
      throw new InputError('deputyRef must be somebody else.');
    }
    if (until <= now || until > now + LONGEST_DEPUTY_MS) {
      throw new InputError('until must be a time to come, within a year.');
    }
    if (!(await this.#o.records.peopleAmong([deputyRef])).has(deputyRef)) {
      throw new InputError(`The catalog has no ${deputyRef}.`);
    }
    await this.#o.deputies.set({ personRef: me, deputyRef, until });
    return this.deputy(credentials);
  }

  async removeDeputy(credentials: BackstageCredentials): Promise<void> {
    await this.#o.deputies.remove(requirePerson(credentials));
  }

  async #describe(
    record: ApprovalRecord,
    decider: Decider,
    credentials: BackstageCredentials,
  ): Promise<Approval> {
    const { agentRef, toolRef } = record;
    const [may, similar] = await Promise.all([
      this.#may(agentsApprovalDecidePermission, record, credentials),
      record.kind === 'tool-call' && agentRef && toolRef
        ? this.#o.lists.latest(
            {
              kind: ['tool-call'],
              agentRef,
              toolRef,
              status: ['approved', 'rejected'],
              ...(await this.#readable(credentials, decider)),
            },
            SIMILAR,
          )
        : [],
    ]);
    return toApproval(record, {
      decider,
      ...(!may && {
        refusal: `You may not decide this, which takes the permission ${agentsApprovalDecidePermission.name}.`,
      }),
      // What came later was unknown to whoever decided.
      similar: similar.filter(
        ({ closedAt = Infinity, id }) =>
          id !== record.id && closedAt <= (record.closedAt ?? Infinity),
      ),
    });
  }

  async #requireDecider(
    id: string,
    credentials: BackstageCredentials,
  ): Promise<Decider> {
    const me = await this.#decider(credentials);
    const record = await this.#o.approvals.require(id);
    await this.#requireReadable(record, credentials);
    if (
      !(await this.#may(agentsApprovalDecidePermission, record, credentials))
    ) {
      throw new NotAllowedError(
        `You may see this, but not decide it, which takes the permission ${agentsApprovalDecidePermission.name}.`,
      );
    }
    return me;
  }

  async #requireReadable(
    record: ApprovalRecord,
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (!(await this.#may(agentsApprovalReadPermission, record, credentials))) {
      throw noSuchApproval(record.id);
    }
  }

  async #may(
    permission: typeof agentsApprovalReadPermission,
    record: ApprovalRecord,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const [{ allows }, [parties]] = await Promise.all([
      this.#decisions.allower(permission, credentials),
      partiesWithDeputies([record], this.#o.deciders),
    ]);
    return allows({ parties });
  }

  async #readable(
    credentials: BackstageCredentials,
    me: Decider,
  ): Promise<Pick<ApprovalFilter, 'allowed' | 'alsoFor'>> {
    const decision = await this.#decisions.decide(
      agentsApprovalReadPermission,
      credentials,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return {};
      case AuthorizeResult.CONDITIONAL:
        return {
          allowed: this.#toFilter(decision.conditions),
          alsoFor: {
            ref: me.ref,
            refs: me.capacities.slice(1).flatMap(({ refs }) => refs),
          },
        };
      default:
        return { allowed: NO_PARTY };
    }
  }

  #isOperator({ capacities: [own] }: Decider): boolean {
    return this.#o.config.escalateTo.some(ref => own.refs.includes(ref));
  }

  async #decider(credentials: BackstageCredentials): Promise<Decider> {
    return this.#o.deciders.of(requirePerson(credentials), Date.now());
  }

  /** Whether the agent that a token is of has asked, in its own name or for the same person. */
  async #isOwnOf(
    credentials: BackstageCredentials,
    { agentRef, personRef }: ApprovalRecord,
  ): Promise<boolean> {
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      return false;
    }
    const { userEntityRef: ref } = principal;
    if (ref.startsWith('agent:')) {
      return agentRef === ref && personRef === undefined;
    }
    const id = parseEntityRef(ref).name;
    const found = (await this.#o.delegations.byIds([id])).get(id);
    return (
      found?.agent_ref === agentRef &&
      (found?.person_ref ?? undefined) === personRef
    );
  }
}

/** Requests as permissions are decided on them. */
export async function readApprovalResources(
  ids: readonly string[],
  options: { store: ApprovalStore; deciders: Deciders },
): Promise<Array<ApprovalResource | undefined>> {
  const records = await options.store.byIds(ids);
  const parties = await partiesWithDeputies(records, options.deciders);
  const known = new Map(records.map(({ id }, i) => [id, parties[i]]));
  return ids.map(id => {
    const found = known.get(id);
    return found && { parties: found };
  });
}

function partiesWithDeputies(
  records: ApprovalRecord[],
  deciders: Deciders,
): Promise<string[][]> {
  return deciders.withDeputies(
    records,
    record => partiesOf(record).map(({ ref }) => ref),
    Date.now(),
  );
}

type View = NonNullable<ListApprovalsQuery['view']>;

function viewOf(view: View, me: Decider, isOpen: boolean): ApprovalFilter {
  const [own] = me.capacities;
  switch (view) {
    case 'mine':
      return {
        party: {
          refs: [...new Set(me.capacities.flatMap(({ refs }) => refs))],
          role: 'asked',
        },
        ...(isOpen && { notBarred: me.ref }),
      };
    case 'team':
      return { party: { refs: own.refs, role: 'concerned' } };
    case 'requested':
      return { party: { refs: [me.ref], role: 'requester' } };
    default:
      return {};
  }
}

/** Neither agents nor services decide, and there is no permission that lets them. */
function requirePerson(credentials: BackstageCredentials): string {
  const principal = principalOf(credentials);
  if (principal.type !== 'user' || isAgentPrincipal(credentials)) {
    throw new NotAllowedError(
      'Only people decide, and see what others decide. Sign in as a person.',
    );
  }
  return principal.userEntityRef;
}

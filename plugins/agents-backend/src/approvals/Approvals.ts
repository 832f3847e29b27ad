import {
  type ActionBinding,
  type ApprovalOutcome,
  type ApprovalTicket,
  fullRefOf,
  type NewAccessRequest,
  type NewQuestion,
  type NewToolCallApproval,
} from '@agentportal/plugin-agents-common';
import { actionDigest, digestOf } from '@agentportal/plugin-agents-node';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { AgentsConfig } from '../config';
import type { CredentialStore } from '../credentials/CredentialStore';
import type { DelegationStore } from '../delegations/DelegationStore';
import type { Grants } from '../grants/Grants';
import { GrantStore } from '../grants/GrantStore';
import { requireRef } from '../identities/agentRef';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import { sponsorOf } from '../identities/StateStore';
import {
  type ApprovalRecord,
  type Decider,
  inWords,
  type Requirement,
} from './ApprovalRecord';
import type { ApprovalAct, ApprovalNews } from './ApprovalNews';
import { ApprovalStore } from './ApprovalStore';
import {
  addMessage,
  answer,
  breakGlass,
  decide,
  type DecisionRequest,
  settle,
  standing,
  withdraw,
  whyNotRedeem,
} from './decide';
import { toOutcome, toTicket } from './describe';
import type { FormWorkers } from './FormWorkers';
import type { GrantKeys } from './GrantKeys';
import { type MatrixFacts, refsOf, ruleFor } from './matrix';
import { canBeReached } from './quorum';
import { titleOfCall } from './titles';

/** Changes of one request at the same moment are tried again. */
const TRIES = 4;
const EXPIRED_PER_ROUND = 200;
/** Kinds whose keys whoever asks makes up. */
const KEYED = ['tool-call', 'question'];
const DAY_MS = 86_400_000;
const LONGEST_QUESTION_MS = 30 * DAY_MS;

interface ApprovalsOptions {
  store: ApprovalStore;
  records: AgentRecords;
  delegations: DelegationStore;
  credentials: CredentialStore;
  grants: Grants;
  keys: GrantKeys;
  forms: FormWorkers;
  news: ApprovalNews;
  config: AgentsConfig['approvals'];
  now?: () => number;
}

/** Requests that people decide: asked, decided, expired, and used. */
export class Approvals {
  readonly #o: ApprovalsOptions;
  readonly #now: () => number;

  constructor(options: ApprovalsOptions) {
    this.#o = options;
    this.#now = options.now ?? Date.now;
  }

  /** Asks people about a call; the same key is the same request. */
  async requestToolCall(body: NewToolCallApproval): Promise<ApprovalTicket> {
    const now = this.#now();
    const binding: ActionBinding = {
      ...body.binding,
      agentRef: requireRef('agentRef', body.binding.agentRef, 'Agent'),
      toolRef: requireRef('toolRef', body.binding.toolRef, 'Tool'),
    };
    if (body.tool.riskTier === 'forbidden') {
      throw new InputError(
        `${binding.toolRef} is forbidden, and no approval changes that.`,
      );
    }
    const digest = actionDigest(binding);
    const requestKey = `tool-call:${body.requestKey}`;
    const { runId, delegationId, tool, provenance } = body;
    const known = await this.#current(
      requestKey,
      record =>
        !isOver(record, now) &&
        (record.digest === digest || record.details.requestedDigest === digest),
    );
    const { agentRef, personRef, toolRef, args } = binding;
    // What people changed is approved under the key of what was asked for.
    const usable =
      known ??
      (runId === undefined
        ? await this.#o.store.usable({ agentRef, toolRef, digest }, now)
        : undefined);
    if (usable) {
      return toTicket(usable);
    }
    const agent = await this.#agent(agentRef, now);
    const excluded = await this.#excludedFrom(agent, personRef, delegationId);
    const requirement = await this.#requirementFor(
      {
        kind: 'tool-call',
        riskTier: tool.riskTier,
        dataClassification: tool.dataClassification,
        lifecycle: agent.entity?.spec.lifecycle,
        toolRef,
        args: args as JsonObject,
      },
      this.#holders(agent, tool.ownerRef),
      excluded,
    );
    return this.#ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'tool-call',
        requestedBy: agentRef,
        personRef,
        toolRef,
        runId,
        digest,
      },
      {
        title: titleOfCall(this.#titleOf(agent), tool, binding),
        reason: body.reason,
        excluded,
        requirement,
        concerned: this.#concernedBy(agent, tool.ownerRef),
        agentTitle: this.#titleOf(agent),
        lifecycle: agent.entity?.spec.lifecycle,
        stepId: body.stepId,
        delegationId,
        binding,
        tool,
        provenance,
        requestedDigest: digest,
      },
    );
  }

  /** Asks people to fill in a form; the same key is the same question. */
  async askQuestion(body: NewQuestion): Promise<ApprovalTicket> {
    const now = this.#now();
    const requestKey = `question:${body.requestKey}`;
    const known = await this.#current(requestKey, () => true);
    if (known) {
      return toTicket(known);
    }
    const agentRef =
      body.agentRef && requireRef('agentRef', body.agentRef, 'Agent');
    const form = body.form as JsonObject;
    await this.#o.forms.require({ form }, agentRef ?? 'questions');
    const refs = body.askedOf.map(text => {
      const ref = fullRefOf(text, 'Group') ?? fullRefOf(text, 'User');
      if (!ref) {
        throw new InputError(
          `askedOf holds "${text}", which is no ref of a group or a user, such as user:default/dana.`,
        );
      }
      return ref;
    });
    const expiresAt = body.expiresAt
      ? Date.parse(body.expiresAt)
      : now + 7 * DAY_MS;
    if (expiresAt <= now || expiresAt > now + LONGEST_QUESTION_MS) {
      throw new InputError('expiresAt must be a time to come, within 30 days.');
    }
    const agent = agentRef ? await this.#agent(agentRef, now) : undefined;
    // People are asked because they know, also those for whom the work is done.
    const requirement = await this.#reachable(
      {
        refs: [...new Set(refs)],
        quorum: 1,
        differentGroups: false,
        expiresAfterMs: expiresAt - now,
        onExpiry: 'reject',
        escalateTo: this.#o.config.escalateTo,
      },
      [],
    );
    return this.#ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'question',
        requestedBy: agentRef ?? 'plugin:orchestration',
        personRef: body.personRef,
        runId: body.runId,
        digest: digestOf({ form, title: body.title }),
        expiresAt,
      },
      {
        title: body.title,
        reason: 'A run waits for the answer.',
        description: body.description,
        form,
        excluded: [],
        requirement,
        concerned: agent ? this.#concernedBy(agent) : [],
        agentTitle: agent && this.#titleOf(agent),
        stepId: body.stepId,
        delegationId: body.delegationId,
      },
    );
  }

  /** Asks that an agent is given a permission. */
  async requestAccess(
    body: NewAccessRequest,
    by: string,
  ): Promise<ApprovalTicket> {
    const now = this.#now();
    const agentRef = requireRef('agentRef', body.agentRef, 'Agent');
    const { permission, reason } = body;
    const digest = digestOf({ agentRef, permission, until: body.until });
    const requestKey = `access:${digestOf({ agentRef, permission, by })}`;
    const known = await this.#current(
      requestKey,
      record => record.status === 'pending' && record.digest === digest,
    );
    if (known) {
      return toTicket(known);
    }
    const agent = await this.#agent(agentRef, now);
    // What cannot be given is refused before anybody is asked.
    await this.#o.grants.prepare(
      agentRef,
      { permission, reason, expiresAt: body.until },
      agent.origin,
      by,
    );
    const requirement = await this.#requirementFor(
      { kind: 'access', lifecycle: agent.entity?.spec.lifecycle },
      this.#holders(agent),
      [by],
    );
    return this.#ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'access',
        requestedBy: by,
        digest,
      },
      {
        title: `${this.#titleOf(agent)} would be given ${permission}.`,
        reason: `${by} asks for it: ${reason}`,
        excluded: [by],
        requirement,
        concerned: this.#concernedBy(agent),
        agentTitle: this.#titleOf(agent),
        lifecycle: agent.entity?.spec.lifecycle,
        permission,
        ...(body.until && { until: Date.parse(body.until) }),
      },
    );
  }

  /** @throws NotFoundError */
  async require(id: string): Promise<ApprovalRecord> {
    const [record] = await this.#o.store.byIds([id]);
    if (!record) {
      throw noSuchApproval(id);
    }
    return this.#settled(record);
  }

  /** What became of some requests. */
  async outcomes(query: {
    ids?: string[];
    requestKeys?: string[];
  }): Promise<ApprovalOutcome[]> {
    const { ids = [], requestKeys = [] } = query;
    const keys = requestKeys.flatMap(key =>
      KEYED.map(kind => `${kind}:${key}`),
    );
    const found = await this.#o.store.query({ ids, keys });
    return Promise.all(
      found.map(async record => toOutcome(await this.#settled(record))),
    );
  }

  /** Approves, rejects, or lets pass alone. */
  async decide(
    id: string,
    decider: Decider,
    request: Pick<DecisionRequest, 'decision' | 'digest' | 'reason'> & {
      args?: JsonObject;
      breakGlass?: boolean;
    },
  ): Promise<ApprovalRecord> {
    const { args, ...rest } = request;
    const alone = request.breakGlass ?? false;
    let also: ((tx: Knex) => Promise<void>) | undefined;
    let review: ApprovalRecord | undefined;
    const after = await this.#change(
      id,
      async record => {
        also = undefined;
        const decision: DecisionRequest = {
          ...rest,
          ...(args && { edit: await this.#editOf(record, args) }),
          now: this.#now(),
          grantMs: this.#o.config.grantMs,
        };
        const next = (alone ? breakGlass : decide)(record, decider, decision);
        if (alone) {
          const taken = await this.#requireQuota(decider.ref);
          review = this.#reviewOf(next, decider.ref);
          const made = review;
          also = async tx => {
            const store = new ApprovalStore(tx);
            await store.takeBreak(tx, { approvalId: id, ...taken });
            await store.add(made);
          };
        } else if (next.status === 'approved' && next.kind === 'access') {
          also = await this.#givingAccess(next);
        }
        return next;
      },
      tx => also?.(tx) ?? Promise.resolve(),
    );
    const act = alone ? 'break-glass' : request.decision;
    await this.#o.news.tell(after, act, decider.ref);
    if (review) {
      await this.#o.news.tell(review, 'request', decider.ref);
    }
    return after;
  }

  async answer(
    id: string,
    decider: Decider,
    values: JsonObject,
  ): Promise<ApprovalRecord> {
    const { form } = (await this.require(id)).details;
    if (form) {
      await this.#o.forms.require({ form, values }, decider.ref);
    }
    const after = await this.#change(id, record =>
      answer(record, decider, values, this.#now()),
    );
    await this.#o.news.tell(after, 'answer', decider.ref);
    return after;
  }

  async addMessage(
    id: string,
    by: string,
    text: string,
  ): Promise<ApprovalRecord> {
    const after = await this.#change(id, record =>
      addMessage(record, by, text, this.#now()),
    );
    await this.#o.news.said(after, by, text);
    return after;
  }

  async withdraw(id: string, by: string, reason?: string): Promise<void> {
    let isNew = false;
    const after = await this.#change(id, record => {
      const next = withdraw(record, by, reason, this.#now());
      isNew = next !== record;
      return next;
    });
    if (isNew) {
      await this.#o.news.tell(after, 'withdraw', by);
    }
  }

  /** The grant of an approved call that was not made yet. */
  async mint(id: string) {
    const now = this.#now();
    const record = await this.require(id);
    const refusal = whyNotRedeem(
      record,
      { digest: record.digest, jti: record.grantJti!, runId: record.runId },
      now,
    );
    if (refusal) {
      throw new NotAllowedError(refusal);
    }
    if (record.redeemedAt !== undefined) {
      throw new ConflictError(
        'The approval was used already, and is good for one call.',
      );
    }
    return this.#o.keys.mint(record, now);
  }

  /** Uses a grant up; when this resolves it is in the audit log, and the call may be made. */
  async redeem(
    id: string,
    call: { digest: string; jti: string; runId?: string },
    by: string,
  ) {
    const now = this.#now();
    const record = await this.require(id);
    const refusal = whyNotRedeem(record, call, now);
    const used = new ConflictError(
      'The approval was used already, and is good for one call. Ask again.',
    );
    if (refusal || record.redeemedAt !== undefined) {
      await this.#o.news.record(record, 'redeem', by, 'denied');
      throw refusal ? new NotAllowedError(refusal) : used;
    }
    // No log, no action; and what the log cannot take uses no approval up.
    await this.#o.news.record(record, 'redeem', by, 'started');
    if (!(await this.#o.store.redeem(record, now))) {
      throw used;
    }
    await this.#o.news.changed(record);
    return {
      approvalId: id,
      digest: record.digest,
      approvers: standing(record).map(decision => decision.by),
    };
  }

  /** Ends or hands on what nobody has decided in time. */
  async expire(signal?: AbortSignal): Promise<void> {
    let due;
    do {
      due = await this.#o.store.due(this.#now(), EXPIRED_PER_ROUND);
      for (const record of due) {
        await this.#settled(record);
      }
    } while (due.length === EXPIRED_PER_ROUND && !signal?.aborted);
  }

  async #settled(record: ApprovalRecord): Promise<ApprovalRecord> {
    const next = settle(record, this.#now());
    if (next === record) {
      return record;
    }
    const written = await this.#o.store.update(next);
    if (!written) {
      const [now] = await this.#o.store.byIds([record.id]);
      return now ?? record;
    }
    const act: ApprovalAct =
      written.status === 'pending' ? 'escalate' : 'expire';
    await this.#o.news.tell(written, act, 'plugin:agents');
    return written;
  }

  /** Reads, changes and writes; again, where somebody else was faster. */
  async #change(
    id: string,
    change: (
      record: ApprovalRecord,
    ) => ApprovalRecord | Promise<ApprovalRecord>,
    also?: (tx: Knex) => Promise<void>,
  ): Promise<ApprovalRecord> {
    for (let i = 0; i < TRIES; i++) {
      const record = await this.require(id);
      const next = await change(record);
      if (next === record) {
        return record;
      }
      const written = await this.#o.store.update(next, also);
      if (written) {
        return written;
      }
    }
    throw new ConflictError(
      'Others change it at the same moment. Read it again.',
    );
  }

  /** The request that has a key, if it is still the same; else the key is free. */
  async #current(
    requestKey: string,
    isSame: (record: ApprovalRecord) => boolean,
  ): Promise<ApprovalRecord | undefined> {
    const found = await this.#o.store.byKey(requestKey);
    if (!found) {
      return undefined;
    }
    const record = await this.#settled(found);
    if (isSame(record)) {
      return record;
    }
    if (record.status === 'pending') {
      const reason = 'It is asked anew, because something has changed.';
      await this.withdraw(record.id, record.requestedBy, reason);
    }
    await this.#o.store.freeKey(record);
    return undefined;
  }

  async #ask(
    record: Omit<ApprovalRecord, 'details'>,
    details: ApprovalRecord['details'] extends infer D
      ? Omit<D, 'decisions' | 'messages'>
      : never,
  ): Promise<ApprovalTicket> {
    const made: ApprovalRecord = {
      ...record,
      details: { ...details, decisions: [], messages: [] },
    };
    if (!(await this.#o.store.add(made))) {
      const other = await this.#o.store.byKey(made.requestKey);
      if (!other) {
        throw new ConflictError('It is asked at the same moment. Try again.');
      }
      return toTicket(other);
    }
    await this.#o.news.tell(made, 'request', made.requestedBy);
    return toTicket(made);
  }

  async #agent(agentRef: string, now: number): Promise<AgentRecord> {
    const agent = (await this.#o.records.read([agentRef], now)).get(agentRef)!;
    if (!agent.entity) {
      throw new NotFoundError(`There is no ${agentRef} that can be read.`);
    }
    return agent;
  }

  #titleOf({ ref, entity }: AgentRecord): string {
    return entity?.metadata.title ?? ref;
  }

  #holders(agent: AgentRecord, toolOwner?: string) {
    return {
      'agent-owner': agent.refs?.owner,
      'tool-owner': toolOwner,
      sponsor: sponsorOf(agent.refs?.sponsor, agent.row, agent.origin),
      operators: this.#o.config.escalateTo,
    };
  }

  #concernedBy(agent: AgentRecord, toolOwner?: string): string[] {
    const holders = this.#holders(agent, toolOwner);
    return [
      holders['agent-owner'],
      holders['tool-owner'],
      holders.sponsor,
      this.#o.config.breakGlass?.onCall,
    ].flatMap(ref => ref ?? []);
  }

  /**
   * Those for whom it is done; where it is done for nobody, whoever answers for the agent.
   * And those who began it, by themselves or with a credential of an agent.
   */
  async #excludedFrom(
    agent: AgentRecord,
    personRef: string | undefined,
    delegationId: string | undefined,
  ): Promise<string[]> {
    const { delegations } = this.#o;
    const found = await delegations.byIds(delegationId ? [delegationId] : []);
    const begun = [...found.values()];
    // Also whoever began the work that this one is part of.
    const before = await delegations.byIds(
      begun.flatMap(({ ancestors }) => ancestors.map(([id]) => id)),
    );
    const starters = [...begun, ...before.values()].map(
      ({ started_by }) => started_by,
    );
    const programs = [
      ...starters.filter(ref => ref.startsWith('agent:')),
      ...(personRef ? [] : [agent.ref]),
    ];
    const forWhom = [
      personRef ?? this.#holders(agent).sponsor,
      ...starters.filter(ref => ref.startsWith('user:')),
      // Whoever holds a credential can be the program that asks.
      ...(await this.#o.credentials.makers(programs, this.#now())),
    ];
    return [...new Set(forWhom.flatMap(ref => ref ?? []))];
  }

  async #requirementFor(
    facts: MatrixFacts,
    holders: Parameters<typeof refsOf>[1],
    excluded: string[],
  ): Promise<Requirement> {
    const { matrix, escalateTo } = this.#o.config;
    const rule = ruleFor(matrix, facts);
    const operators = rule?.escalateTo
      ? refsOf(rule.escalateTo, holders)
      : escalateTo;
    return this.#reachable(
      {
        refs: rule ? refsOf(rule.approvers, holders) : operators,
        quorum: rule?.quorum ?? 1,
        differentGroups: rule?.differentGroups ?? false,
        expiresAfterMs: (rule?.expiresAfterMinutes ?? 1_440) * 60_000,
        onExpiry: rule?.onExpiry ?? 'reject',
        escalateTo: operators,
      },
      excluded,
    );
  }

  /** Where those who were meant are gone or must not decide, others are asked as well. */
  async #reachable(
    requirement: Requirement,
    excluded: string[],
  ): Promise<Requirement> {
    const { refs, escalateTo } = requirement;
    const members = await this.#o.records.membersOf(refs);
    return canBeReached({ ...requirement, excluded, members })
      ? requirement
      : { ...requirement, refs: [...new Set([...refs, ...escalateTo])] };
  }

  async #editOf(record: ApprovalRecord, args: JsonObject) {
    const { binding, tool, lifecycle, excluded } = record.details;
    if (!binding || !tool) {
      throw new InputError('Only the arguments of a call can be changed.');
    }
    const changed: ActionBinding = { ...binding, args };
    const agent = await this.#agent(binding.agentRef, this.#now());
    return {
      binding: changed,
      digest: actionDigest(changed),
      title: titleOfCall(this.#titleOf(agent), tool, changed),
      // Other arguments may be for others to decide.
      requirement: await this.#requirementFor(
        {
          kind: record.kind,
          riskTier: tool.riskTier,
          dataClassification: tool.dataClassification,
          lifecycle,
          toolRef: record.toolRef,
          args,
        },
        this.#holders(agent, tool.ownerRef),
        excluded,
      ),
    };
  }

  async #givingAccess(record: ApprovalRecord) {
    const { permission, until, reason } = record.details;
    const agent = await this.#agent(record.agentRef!, this.#now());
    const [approver] = record.details.decisions.map(({ by }) => by);
    const grant = await this.#o.grants.prepare(
      agent.ref,
      {
        permission: permission!,
        reason: `Approval ${record.id}. ${reason}`.slice(0, 500),
        ...(until && { expiresAt: new Date(until).toISOString() }),
      },
      agent.origin,
      approver,
    );
    return (tx: Knex) => new GrantStore(tx).add(grant);
  }

  /** A place in the quota of this quarter, for whoever has had theirs reviewed. */
  async #requireQuota(by: string) {
    const { perQuarter } = this.#o.config.breakGlass!;
    const now = this.#now();
    const quarter = quarterOf(now);
    const used = await this.#o.store.breaksIn(quarter);
    if (used >= perQuarter) {
      throw new NotAllowedError(
        `Calls were let pass alone ${used} times in this quarter, which is as often as it may be. Ask ${inWords(
          this.#o.config.escalateTo,
        )}.`,
      );
    }
    const unreviewed = await this.#o.store.count({
      kind: ['review'],
      status: ['expired', 'rejected'],
      of: by,
      closedSince: now - 92 * DAY_MS,
    });
    if (unreviewed) {
      throw new NotAllowedError(
        'A call that you let pass alone was not reviewed in time, or was found wrong, so you may not do it again for 92 days.',
      );
    }
    return { quarter, number: used + 1 };
  }

  /** The look that others take at a call that somebody let pass alone. */
  #reviewOf(record: ApprovalRecord, by: string): ApprovalRecord {
    const now = this.#now();
    const { details } = record;
    const { escalateTo, breakGlass: emergencies } = this.#o.config;
    const { reviewMs } = emergencies!;
    return {
      ...record,
      id: randomUUID(),
      requestKey: `review:${record.id}`,
      kind: 'review',
      status: 'pending',
      requestedBy: by,
      // It is about what this one did, not about the one for whom it was done.
      personRef: undefined,
      createdAt: now,
      expiresAt: now + reviewMs,
      closedAt: undefined,
      grantJti: undefined,
      grantExpiresAt: undefined,
      revision: 0,
      details: {
        ...details,
        title: `${by} let pass alone: ${details.title}`,
        reason: `Was it right? ${by} said: ${
          details.decisions.find(({ brokenGlass }) => brokenGlass)?.reason
        }`,
        outcome: undefined,
        reviewOf: record.id,
        excluded: [...new Set([by, ...details.excluded])],
        decisions: [],
        messages: [],
        requirement: {
          refs: [...new Set([...details.requirement.refs, ...escalateTo])],
          quorum: 1,
          differentGroups: false,
          expiresAfterMs: reviewMs,
          onExpiry: 'reject',
          escalateTo,
        },
      },
    };
  }
}

function beginning(
  agent: AgentRecord | undefined,
  requirement: Requirement,
  now: number,
) {
  return {
    id: randomUUID(),
    status: 'pending' as const,
    agentRef: agent?.ref,
    createdAt: now,
    expiresAt: now + requirement.expiresAfterMs,
    revision: 0,
  };
}

export function noSuchApproval(id: string): NotFoundError {
  return new NotFoundError(`There is no request ${id} that you may see.`);
}

/** Whether a call has to be asked about anew. A run goes on after each answer that it got. */
function isOver(record: ApprovalRecord, now: number): boolean {
  const { status, redeemedAt, grantExpiresAt, expiresAt, runId } = record;
  switch (status) {
    case 'approved':
      return redeemedAt === undefined
        ? (grantExpiresAt ?? 0) <= now
        : runId === undefined;
    case 'rejected':
      // A program that goes on asking is not heard again before that.
      return runId === undefined && expiresAt <= now;
    case 'pending':
      return false;
    default:
      return runId === undefined;
  }
}

/** Such as `2026-Q4`, in UTC. */
export function quarterOf(now: number): string {
  const date = new Date(now);
  return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
}

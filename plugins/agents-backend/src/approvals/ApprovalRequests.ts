import {
  type ActionBinding,
  type ApprovalTicket,
  fullRefOf,
  type NewAccessRequest,
  type NewQuestion,
  type NewToolCallApproval,
} from '@agentportal/plugin-agents-common';
import { actionDigest, digestOf } from '@agentportal/plugin-agents-node';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { randomUUID } from 'node:crypto';
import type { AgentsConfig } from '../config';
import type { Grants } from '../grants/Grants';
import { requireRef } from '../identities/agentRef';
import type { AgentRecord } from '../identities/AgentRecords';
import type { ApprovalRecord, Requirement } from './ApprovalRecord';
import type { Approvals } from './Approvals';
import type { ApprovalStore } from './ApprovalStore';
import { type Approvers, titleOf } from './Approvers';
import { titleOfCall } from './callInWords';
import { toTicket } from './describe';
import type { FormWorkers } from './FormWorkers';

const DAY_MS = 86_400_000;
const LONGEST_QUESTION_MS = 30 * DAY_MS;

/** What agents, runs and people ask of people. The same key is the same request. */
export class ApprovalRequests {
  readonly #approvals: Approvals;
  readonly #approvers: Approvers;
  readonly #store: ApprovalStore;
  readonly #grants: Grants;
  readonly #forms: FormWorkers;
  readonly #config: AgentsConfig['approvals'];

  constructor(options: {
    approvals: Approvals;
    approvers: Approvers;
    store: ApprovalStore;
    grants: Grants;
    forms: FormWorkers;
    config: AgentsConfig['approvals'];
  }) {
    this.#approvals = options.approvals;
    this.#approvers = options.approvers;
    this.#store = options.store;
    this.#grants = options.grants;
    this.#forms = options.forms;
    this.#config = options.config;
  }

  /** Asks people about a call. */
  async requestToolCall(body: NewToolCallApproval): Promise<ApprovalTicket> {
    const now = Date.now();
    const binding = bindingOf(body);
    const digest = actionDigest(binding);
    const requestKey = `tool-call:${body.requestKey}`;
    const { runId, delegationId, tool, provenance } = body;
    const known = await this.#approvals.current(
      requestKey,
      record =>
        !isOver(record, now) &&
        (record.digest === digest || record.details.requestedDigest === digest),
    );
    const { agentRef, personRef, toolRef } = binding;
    // What people changed is approved under the key of what was asked for.
    const usable =
      known ??
      (runId === undefined
        ? await this.#store.usable({ agentRef, toolRef, digest }, now)
        : undefined);
    if (usable) {
      return toTicket(usable);
    }
    const { agent, excluded, requirement } = await this.#whoDecides(
      body,
      binding,
      now,
    );
    return this.#approvals.ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'tool-call',
        requestedBy: agentRef,
        personRef,
        toolRef,
        runId,
        delegationId,
        digest,
      },
      {
        title: titleOfCall(titleOf(agent), tool, binding),
        reason: body.reason,
        excluded,
        requirement,
        concerned: this.#approvers.concernedBy(agent, tool.ownerRef),
        agentTitle: titleOf(agent),
        binding,
        tool,
        provenance,
        requestedDigest: digest,
      },
    );
  }

  /** Whom it would ask about a call. */
  async foreseeToolCall(body: NewToolCallApproval): Promise<string[]> {
    const { requirement } = await this.#whoDecides(
      body,
      bindingOf(body),
      Date.now(),
    );
    return requirement.refs;
  }

  async #whoDecides(
    { delegationId, tool }: NewToolCallApproval,
    { agentRef, args, personRef, toolRef }: ActionBinding,
    now: number,
  ) {
    const agent = await this.#approvers.agent(agentRef, now);
    const excluded = await this.#approvers.excludedFrom(
      agent,
      personRef,
      delegationId,
      now,
    );
    const { dataClassification, ownerRef: toolOwner, riskTier } = tool;
    const requirement = await this.#approvers.requirementFor(
      {
        kind: 'tool-call',
        riskTier,
        dataClassification,
        toolRef,
        args: args as JsonObject,
      },
      { agent, toolOwner, excluded },
    );
    return { agent, excluded, requirement };
  }

  /** Asks people to fill in a form. */
  async askQuestion(body: NewQuestion): Promise<ApprovalTicket> {
    const now = Date.now();
    const requestKey = `question:${body.requestKey}`;
    const known = await this.#approvals.current(requestKey, () => true);
    if (known) {
      return toTicket(known);
    }
    const agentRef =
      body.agentRef && requireRef('agentRef', body.agentRef, 'Agent');
    const form = body.form as JsonObject;
    await this.#forms.require({ form }, agentRef ?? 'questions');
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
    const agent = agentRef
      ? await this.#approvers.agent(agentRef, now)
      : undefined;
    // People are asked because they know, also those for whom the work is done.
    const requirement = await this.#approvers.reachable(
      {
        refs: [...new Set(refs)],
        quorum: 1,
        differentGroups: false,
        expiresAfterMs: expiresAt - now,
        onExpiry: 'reject',
        escalateTo: this.#config.escalateTo,
      },
      [],
    );
    return this.#approvals.ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'question',
        requestedBy: agentRef ?? 'plugin:orchestration',
        personRef: body.personRef,
        runId: body.runId,
        delegationId: body.delegationId,
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
        concerned: agent ? this.#approvers.concernedBy(agent) : [],
        agentTitle: agent && titleOf(agent),
      },
    );
  }

  /** Asks that an agent is given a permission. */
  async requestAccess(
    body: NewAccessRequest,
    by: string,
  ): Promise<ApprovalTicket> {
    const now = Date.now();
    const agentRef = requireRef('agentRef', body.agentRef, 'Agent');
    const { permission, reason } = body;
    const digest = digestOf({ agentRef, permission, until: body.until });
    const requestKey = `access:${digestOf({ agentRef, permission, by })}`;
    const known = await this.#approvals.current(
      requestKey,
      record => record.status === 'pending' && record.digest === digest,
    );
    if (known) {
      return toTicket(known);
    }
    const agent = await this.#approvers.agent(agentRef, now);
    // What cannot be given is refused before anybody is asked.
    await this.#grants.prepare(
      agentRef,
      { permission, reason, expiresAt: body.until },
      agent.origin,
      by,
    );
    const excluded = [by];
    const requirement = await this.#approvers.requirementFor(
      { kind: 'access' },
      { agent, excluded },
    );
    return this.#approvals.ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'access',
        requestedBy: by,
        digest,
      },
      {
        title: `${titleOf(agent)} would be given ${permission}${
          body.until
            ? ` until ${body.until.slice(0, 10)}`
            : ', until somebody takes it back'
        }.`,
        reason: `${by} asks for it: ${reason}`,
        excluded,
        requirement,
        concerned: this.#approvers.concernedBy(agent),
        agentTitle: titleOf(agent),
        permission,
        ...(body.until && { until: Date.parse(body.until) }),
      },
    );
  }
}

/** What a call is held to, with refs in full. */
function bindingOf({ binding, tool }: NewToolCallApproval): ActionBinding {
  const toolRef = requireRef('toolRef', binding.toolRef, 'Tool');
  if (tool.riskTier === 'forbidden') {
    throw new InputError(
      `${toolRef} is forbidden, and no approval changes that.`,
    );
  }
  return {
    ...binding,
    agentRef: requireRef('agentRef', binding.agentRef, 'Agent'),
    toolRef,
  };
}

/** A request before anybody has decided. */
export function beginning(
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

import { conversationOf } from '@agentportal/guard';
import type {
  ActionBinding,
  ApprovalOutcome,
  ApprovalTicket,
} from '@agentportal/plugin-agents-common';
import {
  actionDigest,
  type ToldSecrets,
} from '@agentportal/plugin-agents-node';
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
import type { DelegationStore } from '../delegations/DelegationStore';
import type { Grants } from '../grants/Grants';
import { EarnedAutonomyStore } from '../earned/EarnedAutonomyStore';
import { GrantStore } from '../grants/GrantStore';
import type { AgentRecords } from '../identities/AgentRecords';
import type { ApprovalNews, News } from './ApprovalNews';
import type { ApprovalRecord, Decider } from './ApprovalRecord';
import type { ApprovalLists } from './ApprovalLists';
import { ApprovalStore } from './ApprovalStore';
import { type Approvers, titleOf } from './Approvers';
import { titleOfCall } from './callInWords';
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
import { requireQuota, reviewOf } from './emergency';
import type { FormWorkers } from './FormWorkers';
import type { GrantKeys } from './GrantKeys';
import type { PublicationGates } from './PublicationGates';
import { publishing } from './Publications';
import { PublicationStore } from './PublicationStore';

/** Changes of one request at the same moment are tried again. */
const TRIES = 4;
const PER_ROUND = 200;
/** Kinds whose keys whoever asks makes up. */
const KEYED = ['tool-call', 'question'];
/** Acts in the name of the portal itself. */
const SELF = 'plugin:agents';

interface ApprovalsOptions {
  /** What agents must pass before they are published, where anything is asked of them. */
  gates?: PublicationGates;
  store: ApprovalStore;
  lists: ApprovalLists;
  records: AgentRecords;
  approvers: Approvers;
  grants: Grants;
  keys: GrantKeys;
  forms: FormWorkers;
  secrets: ToldSecrets;
  delegations: DelegationStore;
  news: ApprovalNews;
  config: AgentsConfig['approvals'];
}

/** How a request changes, and what is true at the same moment. */
interface Change {
  next: ApprovalRecord;
  news: News[];
  also?: (tx: Knex) => Promise<void>;
}

/** Requests that people decide: decided, expired, withdrawn, and used. */
export class Approvals {
  readonly #o: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#o = options;
  }

  /** Writes a new request down and tells those who are asked. */
  async ask(
    record: Omit<ApprovalRecord, 'details'>,
    details: Omit<ApprovalRecord['details'], 'decisions' | 'messages'>,
  ): Promise<ApprovalTicket> {
    const { description, reason, title } = details;
    const said = await this.#o.secrets.leaveOut(
      { title, reason, ...(description !== undefined && { description }) },
      { by: record.requestedBy },
    );
    const made: ApprovalRecord = {
      ...record,
      details: { ...details, ...said, decisions: [], messages: [] },
    };
    const { store, news } = this.#o;
    const told = news.of(made, 'request', made.requestedBy);
    if (await store.add(made, tx => news.put(tx, [told]))) {
      await news.tell([told]);
      return toTicket(made);
    }
    const other = await store.byKey(made.requestKey);
    if (!other) {
      throw new ConflictError('It is asked at the same moment. Try again.');
    }
    return toTicket(other);
  }

  /** The request that has a key, if it is still the same; else the key is free. */
  async current(
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
    const { args: written, breakGlass: alone, ...more } = request;
    const { news, config } = this.#o;
    const rest = {
      ...more,
      reason: await this.#said(more.reason, decider.ref),
    };
    const args =
      written &&
      (await this.#toldTools(written, decider.ref, await this.require(id)));
    return this.#change(id, async record => {
      const now = Date.now();
      const decision: DecisionRequest = {
        ...rest,
        ...(args && { edit: await this.#editOf(record, args, now) }),
        now,
        grantMs: config.grantMs,
      };
      if (alone) {
        return this.#passAlone(record, decider, decision);
      }
      const next = decide(record, decider, decision);
      return {
        next,
        news: [news.of(next, rest.decision, decider.ref)],
        also:
          next.status === 'approved'
            ? await this.#effectOf(next, now)
            : undefined,
      };
    });
  }

  async answer(
    id: string,
    decider: Decider,
    values: JsonObject,
  ): Promise<ApprovalRecord> {
    const asked = await this.require(id);
    const { form } = asked.details;
    if (form) {
      await this.#o.forms.require({ form, values }, decider.ref);
    }
    const kept = await this.#toldTools(values, decider.ref, asked);
    return this.#change(id, record => {
      const next = answer(record, decider, kept, Date.now());
      return { next, news: [this.#o.news.of(next, 'answer', decider.ref)] };
    });
  }

  /** What people say to each other; no tool gets it. */
  async #said(
    text: string | undefined,
    by: string,
  ): Promise<string | undefined> {
    return text && this.#o.secrets.leaveOut(text, { by });
  }

  /** What people write for tools, which get the secrets in it. */
  async #toldTools(
    values: JsonObject,
    by: string,
    record: ApprovalRecord,
  ): Promise<JsonObject> {
    const isOfProgram = !record.runId && !record.delegationId;
    // Nobody puts the values in the place of tokens for a program that calls in its own name.
    return record.kind === 'tool-call' && isOfProgram
      ? values
      : this.#o.secrets.hide(values, {
          by,
          sessionId: await this.#conversationOf(record),
        });
  }

  /** In which tools get the secrets that people wrote. */
  async #conversationOf({
    agentRef = '',
    delegationId,
    runId,
  }: ApprovalRecord): Promise<string> {
    const work =
      delegationId &&
      (await this.#o.delegations.byIds([delegationId])).get(delegationId);
    return conversationOf({
      agentRef,
      delegationId,
      runId,
      sessionId: (work && work.session_id) || undefined,
    });
  }

  async addMessage(
    id: string,
    by: string,
    text: string,
  ): Promise<ApprovalRecord> {
    const said = await this.#o.secrets.leaveOut(text, { by });
    return this.#change(id, record => {
      const next = addMessage(record, by, said, Date.now());
      return { next, news: [this.#o.news.ofMessage(next, by, said)] };
    });
  }

  async withdraw(id: string, by: string, reason?: string): Promise<void> {
    const said = await this.#said(reason, by);
    await this.#change(id, record => {
      const next = withdraw(record, by, said, Date.now());
      return { next, news: [this.#o.news.of(next, 'withdraw', by)] };
    });
  }

  /** The grant of an approved call that was not made yet. */
  async mint(id: string) {
    const now = Date.now();
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
    const now = Date.now();
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

  /**
   * Ends or hands on what nobody has decided in time, ends what nobody waits for, and
   * tells what a process that stopped has left untold.
   */
  async keep(signal?: AbortSignal): Promise<void> {
    const { store, news } = this.#o;
    const all = async (
      read: () => Promise<ApprovalRecord[]>,
      each: (record: ApprovalRecord) => Promise<unknown>,
    ) => {
      let due;
      do {
        due = await read();
        for (const record of due) {
          await each(record);
        }
      } while (due.length === PER_ROUND && !signal?.aborted);
    };
    await all(
      () => store.due(Date.now(), PER_ROUND),
      record => this.#settled(record),
    );
    await all(
      () => store.abandoned(Date.now(), PER_ROUND),
      ({ id }) =>
        this.withdraw(
          id,
          SELF,
          'The run that asked for it has ended, so nobody waits for it.',
        ),
    );
    await news.tellLeft(signal);
  }

  async #settled(record: ApprovalRecord): Promise<ApprovalRecord> {
    const next = settle(record, Date.now());
    if (next === record) {
      return record;
    }
    const act = next.status === 'pending' ? 'escalate' : 'expire';
    const told = [this.#o.news.of(next, act, SELF)];
    const written = await this.#write({ next, news: told });
    return written ?? (await this.#o.store.byIds([record.id]))[0] ?? record;
  }

  /** Reads, changes and writes; again, where somebody else was faster. */
  async #change(
    id: string,
    change: (record: ApprovalRecord) => Change | Promise<Change>,
  ): Promise<ApprovalRecord> {
    for (let i = 0; i < TRIES; i++) {
      const record = await this.require(id);
      const made = await change(record);
      if (made.next === record) {
        return record;
      }
      const written = await this.#write(made);
      if (written) {
        return written;
      }
    }
    throw new ConflictError(
      'Others change it at the same moment. Read it again.',
    );
  }

  async #write({ next, news, also }: Change) {
    const written = await this.#o.store.update(next, async tx => {
      await this.#o.news.put(tx, news);
      await also?.(tx);
    });
    if (written) {
      await this.#o.news.tell(news);
    }
    return written;
  }

  async #passAlone(
    record: ApprovalRecord,
    decider: Decider,
    request: DecisionRequest,
  ): Promise<Change> {
    const { news, config, store } = this.#o;
    const next = breakGlass(record, decider, request);
    const taken = await requireQuota(this.#o, config, decider.ref, request.now);
    const review = reviewOf(next, decider.ref, config, request.now);
    return {
      next,
      news: [
        news.of(next, 'break-glass', decider.ref),
        news.of(review, 'request', decider.ref),
      ],
      also: async tx => {
        await store.takeBreak(tx, { approvalId: record.id, ...taken });
        await new ApprovalStore(tx).add(review);
      },
    };
  }

  async #editOf(record: ApprovalRecord, args: JsonObject, now: number) {
    const { kind, toolRef } = record;
    const { binding, tool, excluded } = record.details;
    if (!binding || !tool) {
      throw new InputError('Only the arguments of a call can be changed.');
    }
    const { approvers } = this.#o;
    const changed: ActionBinding = { ...binding, args };
    const agent = await approvers.agent(binding.agentRef, now);
    const { riskTier, dataClassification } = tool;
    return {
      binding: changed,
      digest: actionDigest(changed),
      title: titleOfCall(titleOf(agent), tool, changed),
      // Other arguments may be for others to decide.
      requirement: await approvers.requirementFor(
        { kind, riskTier, dataClassification, toolRef, args },
        { agent, toolOwner: tool.ownerRef, excluded },
      ),
    };
  }

  /** What is true from the moment in which something was approved. */
  async #effectOf(record: ApprovalRecord, now: number) {
    if (record.kind === 'publication') {
      // It may have been evaluated long before people decide.
      await this.#o.gates?.require(record.agentRef!);
      const made = await publishing(record, this.#o.records, now);
      return (tx: Knex) => new PublicationStore(tx).approve(made);
    }
    if (record.kind !== 'access') {
      return undefined;
    }
    return record.details.earned
      ? this.#givingEarned(record, record.details.earned, now)
      : this.#givingAccess(record, now);
  }

  async #givingEarned(
    { id, agentRef, toolRef }: ApprovalRecord,
    earned: NonNullable<ApprovalRecord['details']['earned']>,
    now: number,
  ) {
    const agent = await this.#o.approvers.agent(agentRef!, now);
    if (agent.origin !== earned.origin) {
      throw new ConflictError(
        `${titleOf(
          agent,
        )} comes from another file than when this was proposed, so what was shown says nothing of it. Reject it.`,
      );
    }
    const given = {
      ...earned,
      id: randomUUID(),
      agentRef: agentRef!,
      toolRef: toolRef!,
      approvalId: id,
    };
    return (tx: Knex) => new EarnedAutonomyStore(tx).add(given, now);
  }

  async #givingAccess(record: ApprovalRecord, now: number) {
    const { permission, until, reason } = record.details;
    const agent = await this.#o.approvers.agent(record.agentRef!, now);
    const [approver] = record.details.decisions.map(({ by }) => by);
    const grant = await this.#o.grants.prepare(
      agent.ref,
      {
        permission: permission!,
        reason: `${reason.slice(0, 440)} (approval ${record.id})`,
        ...(until && { expiresAt: new Date(until).toISOString() }),
      },
      agent.origin,
      approver,
    );
    return (tx: Knex) => new GrantStore(tx).add(grant);
  }
}

export function noSuchApproval(id: string): NotFoundError {
  return new NotFoundError(`There is no request ${id} that you may see.`);
}

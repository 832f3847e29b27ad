import {
  type ApprovalTicket,
  autonomyCeiling,
  type AutonomyEvidence,
  type EarnedAutonomy as Earned,
  type NewEarnedAutonomy,
} from '@agentportal/plugin-agents-common';
import {
  type CatalogTrust,
  digestOf,
  type OwnerNotices,
  type ToldSecrets,
} from '@agentportal/plugin-agents-node';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { beginning } from '../approvals/ApprovalRequests';
import type { Approvals } from '../approvals/Approvals';
import type { ApprovalStore } from '../approvals/ApprovalStore';
import { type Approvers, titleOf } from '../approvals/Approvers';
import { DECISION_DAYS, hasteOf } from '../approvals/decisionTimes';
import { toTicket } from '../approvals/describe';
import { knownTier } from '../approvals/knownTier';
import { requireRef } from '../identities/agentRef';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import { sponsorOf } from '../identities/StateStore';
import { iso, isoIf } from '../store/times';
import type { EarnedAutonomyStore, EarnedRow } from './EarnedAutonomyStore';

const MOST_DECISIONS = 2_000;
/** Of so many people it is looked at whether they decide without reading, by so many decisions. */
const MOST_DECIDERS = 200;
const ALL_DECIDED = 10_000;
/** Of what was earned and lost; of each tool the last counts, however often others were. */
const HISTORY = 2_000;
const SELF = 'plugin:evals';

interface EarnedAutonomyOptions {
  store: EarnedAutonomyStore;
  requests: ApprovalStore;
  approvals: Approvals;
  approvers: Approvers;
  records: AgentRecords;
  trust: CatalogTrust;
  notices: OwnerNotices;
  secrets: ToldSecrets;
}

/**
 * What agents have shown that they may be trusted with, tool by tool. People decide about it
 * as about any other access; that it is lost needs nobody's approval.
 */
export class EarnedAutonomy {
  readonly #o: EarnedAutonomyOptions;

  constructor(options: EarnedAutonomyOptions) {
    this.#o = options;
  }

  /** What people decided about the calls of an agent, and how it stands. */
  async evidence(text: string, since: number): Promise<AutonomyEvidence> {
    const { approvers, records, requests, store, trust } = this.#o;
    const agentRef = requireRef('agentRef', text, 'Agent');
    const now = Date.now();
    const agent = await approvers.agent(agentRef, now);
    const toolRefs = agent.refs?.tools ?? [];
    const decided = await requests.decidedCalls(
      agentRef,
      since,
      MOST_DECISIONS + 1,
    );
    const deciders = new Set(decided.flatMap(each => each.deciders));
    const [found, timed, rows, waiting] = await Promise.all([
      records.tools(toolRefs),
      // All of the period in which the first of them was decided.
      requests.decisionsSince(since - DECISION_DAYS * 86_400_000, {
        by: [...deciders].slice(0, MOST_DECIDERS),
        limit: ALL_DECIDED,
      }),
      store.newestOf(agentRef, HISTORY),
      requests.query({
        ids: [],
        keys: toolRefs.map(toolRef => keyOf(agentRef, toolRef)),
      }),
    ]);
    const wasHasty = hasteOf(timed);
    const identity = records.identityOf(agent, now);
    const ceiling = autonomyCeiling(identity.autonomy);
    const holding = new Set(agent.earned.map(({ id }) => id));
    const pending = new Map(
      waiting
        .filter(
          ({ status, expiresAt }) => status === 'pending' && expiresAt > now,
        )
        .map(({ id, toolRef }) => [toolRef, id]),
    );
    return {
      agentRef,
      autonomy: identity.autonomy,
      isActive: identity.state === 'active' && isInProduction(agent),
      stoppedAt: isoIf(
        agent.row?.resumed_at ?? agent.row?.suspended_at ?? null,
      ),
      tools: toolRefs.map(toolRef => {
        const riskTier = knownTier(found.get(toolRef), trust);
        return {
          toolRef,
          title: found.get(toolRef)?.metadata.title,
          riskTier,
          covered: riskTier !== undefined && ceiling.includes(riskTier),
          waitingApprovalId: pending.get(toolRef),
        };
      }),
      decisions: decided.slice(0, MOST_DECISIONS).map(each => ({
        ...each,
        isHasty: each.deciders.every(by =>
          wasHasty(by, Date.parse(each.decidedAt)),
        ),
      })),
      hasMore: decided.length > MOST_DECISIONS,
      earned: lastOfEach(rows).map(row => describe(row, holding.has(row.id))),
    };
  }

  /**
   * Asks people that an agent may call a tool without an approval.
   *
   * @throws InputError where there is nothing to earn
   */
  async request(body: NewEarnedAutonomy): Promise<ApprovalTicket> {
    const { approvals, approvers } = this.#o;
    const now = Date.now();
    const agentRef = requireRef('agentRef', body.agentRef, 'Agent');
    const toolRef = requireRef('toolRef', body.toolRef, 'Tool');
    const by = requireRef('by', body.by, 'User');
    const agent = await approvers.agent(agentRef, now);
    const { autonomy, toolTitle } = await this.#requireEarnable(
      agent,
      toolRef,
      body.riskTier,
      now,
    );
    const { basis, riskTier } = body;
    const digest = digestOf({ agentRef, toolRef, riskTier, autonomy, basis });
    const requestKey = keyOf(agentRef, toolRef);
    const known = await approvals.current(
      requestKey,
      ({ status }) => status === 'pending',
    );
    if (known) {
      return toTicket(known);
    }
    const sponsor = sponsorOf(agent.refs?.sponsor, agent.row, agent.origin);
    const excluded = [...new Set([by, sponsor].flatMap(ref => ref ?? []))];
    const requirement = await approvers.requirementFor(
      { kind: 'access' },
      { agent, excluded },
    );
    const askedPerMille = Math.round(body.askedShare * 1_000);
    return approvals.ask(
      {
        ...beginning(agent, requirement, now),
        requestKey,
        kind: 'access',
        requestedBy: by,
        toolRef,
        digest,
      },
      {
        title: `${titleOf(
          agent,
        )} would call ${toolTitle} without an approval, but for ${percent(
          askedPerMille / 1_000,
        )} of the calls.`,
        reason: `${by} proposes it: ${body.reason}`,
        excluded,
        requirement,
        concerned: approvers.concernedBy(agent),
        agentTitle: titleOf(agent),
        riskTier,
        earned: {
          ...{ riskTier, autonomy, askedPerMille, basis },
          origin: agent.origin,
        },
      },
    );
  }

  /** What was not ended, but for agents that are gone: of those nothing holds, and nobody need look at them. */
  async list(page: { limit: number; cursor?: string }) {
    const { records, store } = this.#o;
    const { rows, nextCursor } = await store.active(page);
    const agents = await records.read(
      rows.map(row => row.agent_ref),
      Date.now(),
    );
    return {
      items: rows
        .filter(row => agents.get(row.agent_ref)?.entity)
        .map(row => describe(row, true)),
      ...(nextCursor && { nextCursor }),
    };
  }

  /**
   * People are asked again from now on, and the owner is told.
   *
   * @returns whose it was; undefined when it had ended before
   */
  async end(
    id: string,
    { by, reason: written }: { by?: string; reason: string },
  ): Promise<EarnedRow | undefined> {
    const { notices, records, secrets, store } = this.#o;
    const row = await store.get(id);
    if (!row) {
      throw new NotFoundError(`Nobody has earned ${id}.`);
    }
    const now = Date.now();
    const who = by ? requireRef('by', by, 'User') : SELF;
    const reason = await secrets.leaveOut(written, { by: who });
    if (!(await store.end(id, who, reason, now))) {
      return undefined;
    }
    const agent = (await records.read([row.agent_ref], now)).get(
      row.agent_ref,
    )!;
    if (agent.refs) {
      await notices.send({
        entityRef: row.agent_ref,
        ownerRef: agent.refs.owner,
        title: `${titleOf(agent)} asks again before it calls ${row.tool_ref}`,
        description: reason,
        scope: `earned autonomy ${id}`,
        severity: 'normal',
      });
    }
    return row;
  }

  async #requireEarnable(
    agent: AgentRecord,
    toolRef: string,
    riskTier: NewEarnedAutonomy['riskTier'],
    now: number,
  ) {
    const { records, trust } = this.#o;
    const who = titleOf(agent);
    if (!agent.refs?.tools.includes(toolRef)) {
      throw new InputError(`${who} does not declare ${toolRef}.`);
    }
    if (!isInProduction(agent)) {
      throw new ConflictError(
        `${who} is not in production, and only there its changes are seen.`,
      );
    }
    const tool = (await records.tools([toolRef])).get(toolRef);
    if (knownTier(tool, trust) !== riskTier) {
      throw new ConflictError(
        `${toolRef} is not ${riskTier} any more, so what was shown does not count. Look again.`,
      );
    }
    const { autonomy } = records.identityOf(agent, now);
    if (autonomyCeiling(autonomy).includes(riskTier)) {
      throw new InputError(
        `${who} is on ${autonomy}, which covers ${toolRef} already.`,
      );
    }
    if (
      agent.earned.some(
        row => row.tool_ref === toolRef && row.risk_tier === riskTier,
      )
    ) {
      throw new ConflictError(`${who} has earned ${toolRef} already.`);
    }
    return { autonomy, toolTitle: tool?.metadata.title ?? toolRef };
  }
}

function isInProduction({ entity }: AgentRecord): boolean {
  return entity?.spec.lifecycle === 'production';
}

/** Of rows with the newest first, the newest of each tool. */
function lastOfEach(rows: EarnedRow[]): EarnedRow[] {
  const seen = new Set<string>();
  return rows.filter(
    ({ tool_ref }) => !seen.has(tool_ref) && seen.add(tool_ref),
  );
}

function keyOf(agentRef: string, toolRef: string): string {
  return `autonomy:${digestOf({ agentRef, toolRef })}`;
}

function describe(row: EarnedRow, holds: boolean): Earned {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    toolRef: row.tool_ref,
    riskTier: row.risk_tier,
    askedShare: row.asked_per_mille / 1_000,
    approvalId: row.approval_id,
    basis: JSON.parse(row.basis),
    createdAt: iso(row.created_at),
    holds: holds && row.ended_at === null,
    endedAt: isoIf(row.ended_at),
    endedBy: row.ended_by ?? undefined,
    endReason: row.end_reason ?? undefined,
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

import type { CallDecision } from '@agentportal/plugin-agents-common';
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import { iso, type StoredTime } from '../store/times';
import type { ApprovalRecord } from './ApprovalRecord';
import {
  type ApprovalRow,
  APPROVALS as TABLE,
  LISTED,
  toRecord,
  toRow,
} from './approvalRows';
import type { TimedDecision } from './decisionTimes';
import { PARTIES, writeParties } from './parties';

const BREAKS = 'agent_approval_breaks';
const DECISIONS = 'agent_approval_decisions';

/** Requests that people decide. A request is one row, which changes by compare-and-set. */
export class ApprovalStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Adds one, unless there is one with its key.
   *
   * @param also - what is true at the same moment
   * @returns whether it was added
   */
  async add(
    record: ApprovalRecord,
    also?: (tx: Knex) => Promise<void>,
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const [known] = await tx(TABLE)
        .where('request_key', record.requestKey)
        .select('id');
      if (known) {
        return false;
      }
      await tx(TABLE).insert(toRow(record)).onConflict('request_key').ignore();
      const [mine] = await tx(TABLE).where('id', record.id).select('id');
      if (mine) {
        await writeParties(tx, record);
        await also?.(tx);
      }
      return mine !== undefined;
    });
  }

  async byKey(requestKey: string): Promise<ApprovalRecord | undefined> {
    const row = await this.#knex(TABLE)
      .where('request_key', requestKey)
      .first();
    return row && toRecord(row);
  }

  /** The approval of exactly this call of a program, if it may still be used. */
  async usable(
    call: { agentRef: string; toolRef: string; digest: string },
    now: number,
  ): Promise<ApprovalRecord | undefined> {
    const row = await this.#knex(TABLE)
      .where({
        agent_ref: call.agentRef,
        tool_ref: call.toolRef,
        digest: call.digest,
        kind: 'tool-call',
        status: 'approved',
      })
      .whereNull('run_id')
      .whereNull('redeemed_at')
      .andWhere('grant_expires_at', '>', now)
      .first();
    return row && toRecord(row);
  }

  /** Those of some ids or keys that there are. */
  async query(by: {
    ids: readonly string[];
    keys: readonly string[];
  }): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(TABLE)
      .whereIn('id', [...new Set(by.ids)])
      .orWhereIn('request_key', [...new Set(by.keys)]);
    return rows.map(toRecord);
  }

  async byIds(ids: readonly string[]): Promise<ApprovalRecord[]> {
    return this.query({ ids, keys: [] });
  }

  /** Lets the key be used for a new request. */
  async freeKey(record: ApprovalRecord): Promise<void> {
    await this.#knex(TABLE)
      .where({ id: record.id, request_key: record.requestKey })
      .update({ request_key: `over:${record.id}` });
  }

  /**
   * Writes a request as it has become.
   *
   * @param also - what is true at the same moment
   * @returns undefined when somebody else has changed it meanwhile
   */
  async update(
    record: ApprovalRecord,
    also?: (tx: Knex) => Promise<void>,
  ): Promise<ApprovalRecord | undefined> {
    const next = { ...record, revision: record.revision + 1 };
    return this.#knex.transaction(async tx => {
      const { id, request_key, redeemed_at, ...columns } = toRow(next);
      const changed = await tx(TABLE)
        .where({ id, revision: record.revision })
        .update(columns);
      if (!changed) {
        return undefined;
      }
      await writeParties(tx, next);
      await addDecisions(tx, next);
      await also?.(tx);
      return next;
    });
  }

  /**
   * Takes a place in the quota of a quarter.
   *
   * @throws ConflictError when somebody else took it at the same moment
   */
  async takeBreak(
    tx: Knex,
    taken: { approvalId: string; quarter: string; number: number },
  ): Promise<void> {
    await tx(BREAKS)
      .insert({
        approval_id: taken.approvalId,
        quarter: taken.quarter,
        number: taken.number,
      })
      .onConflict(['quarter', 'number'])
      .ignore();
    const [mine] = await tx(BREAKS).where('approval_id', taken.approvalId);
    if (!mine) {
      throw new ConflictError(
        'Somebody else let a call pass at the same moment. Try again.',
      );
    }
  }

  /** How many calls were let pass alone in a quarter. */
  async breaksIn(quarter: string): Promise<number> {
    const [{ n }] = await this.#knex(BREAKS)
      .where({ quarter })
      .max({ n: 'number' });
    return Number(n ?? 0);
  }

  /**
   * Uses the grant of a request up.
   *
   * @returns false when it was used before, or is not good any more
   */
  async redeem(
    { id, digest, grantJti }: ApprovalRecord,
    now: number,
  ): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id, digest, grant_jti: grantJti!, status: 'approved' })
      .whereNull('redeemed_at')
      .andWhere('grant_expires_at', '>', now)
      .update({
        redeemed_at: now,
        revision: this.#knex.raw('revision + 1'),
      });
    return changed === 1;
  }

  /** What was approved and rejected since a time, by some people or all; the newest first. */
  async decisionsSince(
    since: number,
    { by, limit }: { by?: readonly string[]; limit: number },
  ): Promise<TimedDecision[]> {
    const rows: Array<{
      ref: string;
      decision: TimedDecision['decision'];
      asked_at: StoredTime;
      decided_at: StoredTime;
    }> = await this.#knex(DECISIONS)
      .where('decided_at', '>=', since)
      .modify(select => by && select.whereIn('ref', by))
      .orderBy('decided_at', 'desc')
      .limit(limit);
    return rows.map(row => ({
      by: row.ref,
      decision: row.decision,
      askedAt: Number(row.asked_at),
      at: Number(row.decided_at),
    }));
  }

  /**
   * Calls of an agent that people approved or rejected, those decided last first; without
   * what was let pass in an emergency.
   */
  async decidedCalls(
    agentRef: string,
    since: number,
    limit: number,
  ): Promise<Array<Omit<CallDecision, 'isHasty'>>> {
    const rows: ApprovalRow[] = await this.#knex(TABLE)
      .where({ agent_ref: agentRef, kind: 'tool-call' })
      .andWhere('closed_at', '>=', since)
      .whereIn('status', ['approved', 'rejected'])
      .orderBy([{ column: 'closed_at', order: 'desc' }, 'id'])
      .limit(limit)
      .select([...LISTED, 'was_changed']);
    return rows.flatMap(row => {
      const { digest, id, personRef, status, details, toolRef } = toRecord(row);
      const { brokenGlassBy, decisions, requestedDigest, tool } = details;
      if (brokenGlassBy || !tool || !toolRef) {
        return [];
      }
      const approved = row.was_changed ? 'changed' : 'unchanged';
      return {
        approvalId: id,
        toolRef,
        riskTier: tool.riskTier,
        outcome: status === 'approved' ? approved : 'rejected',
        requestDigest: requestedDigest ?? digest,
        personRef,
        deciders: [
          ...new Set(
            decisions
              .filter(
                each =>
                  (each.decision === 'approve') === (status === 'approved'),
              )
              .map(({ by }) => by),
          ),
        ],
        decidedAt: iso(row.closed_at!),
      };
    });
  }

  /** Those whose time is over. */
  async due(now: number, limit: number): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(TABLE)
      .where('status', 'pending')
      .andWhere('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(limit);
    return rows.map(toRecord);
  }

  /**
   * Those that wait for runs whose work has ended. A program comes back with other work,
   * and a review is about what was done.
   */
  async abandoned(now: number, limit: number): Promise<ApprovalRecord[]> {
    const rows: ApprovalRow[] = await this.#knex(`${TABLE} as request`)
      .join('agent_delegations as part', 'part.id', 'request.delegation_id')
      .join('agent_delegations as work', 'work.id', 'part.root_id')
      .where('request.status', 'pending')
      .whereNot('request.kind', 'review')
      .whereNotNull('request.run_id')
      .andWhere(over =>
        over
          .whereNotNull('work.ended_at')
          .orWhere('work.expires_at', '<=', now),
      )
      .limit(limit)
      .select('request.*');
    return rows.map(toRecord);
  }

  /** Deletes what was over before a time, a batch; says how many. */
  async removeClosedBefore(before: number, limit: number): Promise<number> {
    const ids = await this.#knex(TABLE)
      .where('closed_at', '<', before)
      .limit(limit)
      .pluck('id');
    await this.#knex.transaction(async tx => {
      await tx(PARTIES).whereIn('approval_id', ids).delete();
      await tx(BREAKS).whereIn('approval_id', ids).delete();
      await tx(DECISIONS).whereIn('approval_id', ids).delete();
      await tx(TABLE).whereIn('id', ids).delete();
    });
    return ids.length;
  }
}

async function addDecisions(tx: Knex, record: ApprovalRecord): Promise<void> {
  const rows = record.details.decisions
    .filter(({ decision }) => decision !== 'answer')
    .map(({ by, at, decision }) => ({
      approval_id: record.id,
      ref: by,
      decided_at: at,
      asked_at: record.createdAt,
      decision,
    }));
  if (rows.length) {
    await tx(DECISIONS)
      .insert(rows)
      .onConflict(['approval_id', 'ref', 'decided_at'])
      .ignore();
  }
}

import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';

const VERSIONS = 'evals_agent_versions';
const CHANGES = 'evals_agent_changes';
const POSITIONS = 'evals_positions';
const LOOKED = 'agent-changes';
const BATCH = 100;
/** Changes that one answer adds up; a company that makes more in a year asks by owner. */
const MAX_CHANGES = 50_000;
/** A change has failed when what tells so comes within this time; until then it is open. */
export const FAILS_WITHIN_MS = 7 * 86_400_000;

/** How a change turned out to be wrong. */
export type ChangeFailure = 'rolled-back' | 'suspended' | 'quality';

/** What an agent was when it was looked at last. */
export interface KnownVersion {
  agentRef: string;
  digest?: string;
  pending?: { digest: string; since: number };
}

/** A change that came into force. */
export interface AgentChange {
  agentRef: string;
  ownerRef: string;
  digest: string;
  beforeDigest?: string;
  proposedAt?: number;
  inForceAt: number;
  failedAt?: number;
  repairedAt?: number;
}

/** What agents in production have become, and what came of it. */
export class ChangeStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Whether all agents were looked at once. */
  async hasLooked(): Promise<boolean> {
    return Boolean(await this.#knex(POSITIONS).where({ id: LOOKED }).first());
  }

  async setLooked(now: number): Promise<void> {
    await this.#knex(POSITIONS)
      .insert({ id: LOOKED, at: now })
      .onConflict('id')
      .ignore();
  }

  async versions(agentRefs: string[]): Promise<Map<string, KnownVersion>> {
    const found = new Map<string, KnownVersion>();
    for (let i = 0; i < agentRefs.length; i += BATCH) {
      const rows = await this.#knex(VERSIONS).whereIn(
        'agent_ref',
        agentRefs.slice(i, i + BATCH),
      );
      for (const row of rows) {
        found.set(row.agent_ref, {
          agentRef: row.agent_ref,
          ...(row.digest && { digest: row.digest }),
          ...(row.pending_digest && {
            pending: {
              digest: row.pending_digest,
              since: Number(row.pending_since),
            },
          }),
        });
      }
    }
    return found;
  }

  /** Writes what was seen, and with it the changes that it shows. */
  async put(
    versions: KnownVersion[],
    changes: AgentChange[],
    now: number,
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      for (let i = 0; i < versions.length; i += BATCH) {
        await tx(VERSIONS)
          .insert(
            versions.slice(i, i + BATCH).map(each => ({
              agent_ref: each.agentRef,
              digest: each.digest ?? null,
              pending_digest: each.pending?.digest ?? null,
              pending_since: each.pending?.since ?? null,
              seen_at: now,
            })),
          )
          .onConflict('agent_ref')
          .merge();
      }
      for (const change of changes) {
        const { agentRef, inForceAt } = change;
        const latest = await tx(CHANGES)
          .where({ agent_ref: agentRef })
          .orderBy('in_force_at', 'desc')
          .first();
        // Whatever was wrong, something else holds now.
        await tx(CHANGES)
          .where({ agent_ref: agentRef })
          .whereNotNull('failed_at')
          .whereNull('repaired_at')
          .update({ repaired_at: inForceAt });
        if (latest && latest.before_digest === change.digest) {
          await failIn(tx, latest.id, inForceAt, 'rolled-back');
          await tx(CHANGES)
            .where({ id: latest.id })
            .whereNotNull('failed_at')
            .whereNull('repaired_at')
            .update({ repaired_at: inForceAt });
        }
        await tx(CHANGES).insert({
          id: randomUUID(),
          agent_ref: agentRef,
          owner_ref: change.ownerRef,
          digest: change.digest,
          before_digest: change.beforeDigest ?? null,
          proposed_at: change.proposedAt ?? null,
          in_force_at: inForceAt,
        });
      }
    });
  }

  /** What has left production comes back as something new: nobody saw what it was meanwhile. */
  async forgetUnseen(since: number): Promise<void> {
    await this.#knex(VERSIONS).where('seen_at', '<', since).delete();
  }

  /** Notes that the last change of an agent failed, if it is young enough. */
  async fail(
    agentRef: string,
    failure: ChangeFailure,
    at: number,
  ): Promise<void> {
    const latest = await this.#knex(CHANGES)
      .where({ agent_ref: agentRef })
      .orderBy('in_force_at', 'desc')
      .first('id');
    if (latest) {
      await failIn(this.#knex, latest.id, at, failure);
    }
  }

  /** Notes the changes after which an alarm began, unless people called it false. */
  async failByAlarms(now: number): Promise<void> {
    const alarms: Array<Record<string, string | number>> = await this.#knex(
      'evals_alarms',
    )
      .where('at', '>=', now - FAILS_WITHIN_MS)
      .orderBy('at')
      .select('agent_ref', 'status', 'since', 'at');
    for (const { agent_ref, status, since, at } of alarms) {
      const blamed = await this.#knex(CHANGES)
        .where({ agent_ref })
        .andWhere('in_force_at', '<=', since)
        .orderBy('in_force_at', 'desc')
        .first('id');
      if (blamed && status === 'not-real') {
        await this.#knex(CHANGES)
          .where({ id: blamed.id, failed_at: at, failure: 'quality' })
          .update({ failed_at: null, failure: null, repaired_at: null });
      } else if (blamed) {
        await failIn(this.#knex, blamed.id, Number(at), 'quality');
      }
    }
  }

  /** Notes that what was wrong with the changes of some agents is so no more. */
  async repair(
    agentRefs: string[],
    failure: ChangeFailure,
    at: number,
  ): Promise<void> {
    const broken: Array<{ id: string; agent_ref: string }> = await this.#knex(
      CHANGES,
    )
      .where({ failure })
      .whereNull('repaired_at')
      .select('id', 'agent_ref');
    const refs = new Set(agentRefs);
    const repaired = broken.filter(row => refs.has(row.agent_ref));
    for (let i = 0; i < repaired.length; i += BATCH) {
      await this.#knex(CHANGES)
        .whereIn(
          'id',
          repaired.slice(i, i + BATCH).map(({ id }) => id),
        )
        .update({ repaired_at: at });
    }
  }

  /** Changes since a time, in no order. */
  async since(
    from: number,
    filter: { ownerRef?: string; agentRef?: string },
    agentRefs?: string[],
  ): Promise<AgentChange[]> {
    const select = this.#knex(CHANGES)
      .where('in_force_at', '>=', from)
      .andWhere({
        ...(filter.ownerRef && { owner_ref: filter.ownerRef }),
        ...(filter.agentRef && { agent_ref: filter.agentRef }),
      })
      .orderBy('in_force_at', 'desc')
      .limit(MAX_CHANGES);
    if (agentRefs) {
      select.whereIn('agent_ref', agentRefs);
    }
    return (await select).map(row => ({
      agentRef: row.agent_ref,
      ownerRef: row.owner_ref,
      digest: row.digest,
      inForceAt: Number(row.in_force_at),
      ...(row.proposed_at !== null && { proposedAt: Number(row.proposed_at) }),
      ...(row.failed_at !== null && { failedAt: Number(row.failed_at) }),
      ...(row.repaired_at !== null && { repairedAt: Number(row.repaired_at) }),
    }));
  }

  /** All agents that were changed. */
  async agents(): Promise<string[]> {
    return this.#knex(CHANGES).distinct('agent_ref').pluck('agent_ref');
  }

  async removeBefore(before: number): Promise<void> {
    await this.#knex(CHANGES).where('in_force_at', '<', before).delete();
    await this.#knex(VERSIONS).where('seen_at', '<', before).delete();
  }
}

async function failIn(
  knex: Knex,
  id: string,
  at: number,
  failure: ChangeFailure,
): Promise<void> {
  await knex(CHANGES)
    .where({ id })
    .whereNull('failed_at')
    .andWhere('in_force_at', '>=', at - FAILS_WITHIN_MS)
    .update({ failed_at: at, failure });
}

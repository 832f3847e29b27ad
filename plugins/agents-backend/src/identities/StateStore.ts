import type {
  AgentIdentityMode,
  AgentStateRecord,
} from '@agentportal/plugin-agents-common';
import type { Knex } from 'knex';
import { iso, type StoredTime } from '../store/times';

/** A row of `agent_states`. */
export interface StateRow {
  agent_ref: string;
  suspended_at: StoredTime | null;
  suspended_by: string | null;
  suspend_reason: string | null;
  resumed_at: StoredTime | null;
  resumed_by: string | null;
  resume_reason: string | null;
  identity: AgentIdentityMode | null;
  identity_at: StoredTime | null;
  seen_sponsor_ref: string | null;
  orphaned_since: StoredTime | null;
  orphaned_sponsor_ref: string | null;
  grace_over_told_at: StoredTime | null;
  sponsor_ref: string | null;
  sponsor_instead_of: string | null;
  sponsor_accepted_at: StoredTime | null;
  /** Of the agent for which they accepted; `null` in rows that are older than the column. */
  sponsor_origin: string | null;
}

type Change = Partial<Omit<StateRow, 'agent_ref'>>;

const TABLE = 'agent_states';

/** What is known of agents besides their entities. */
export class StateStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Those of some agents of which anything is known, by ref. */
  async byRefs(agentRefs: readonly string[]): Promise<Map<string, StateRow>> {
    const rows: StateRow[] = agentRefs.length
      ? await this.#knex(TABLE).whereIn('agent_ref', agentRefs)
      : [];
    return new Map(rows.map(row => [row.agent_ref, row]));
  }

  /** Writes some columns of an agent, of which nothing may be known yet. */
  async write(agentRef: string, change: Change): Promise<void> {
    await this.#knex(TABLE)
      .insert({ agent_ref: agentRef, ...change })
      .onConflict('agent_ref')
      .merge(Object.keys(change));
  }

  /** Stops an agent, unless somebody has done so. */
  async suspend(
    agentRef: string,
    { by, reason }: { by: string; reason: string },
    now: number,
  ): Promise<void> {
    await this.#know(agentRef);
    await this.#knex(TABLE)
      .where('agent_ref', agentRef)
      .whereNull('suspended_at')
      .update({ suspended_at: now, suspended_by: by, suspend_reason: reason });
  }

  /** Lets an agent go on, if its suspension is still as it was read; tells whether it did. */
  async resume(
    agentRef: string,
    read: StateRow | undefined,
    change: Change,
  ): Promise<boolean> {
    await this.#know(agentRef);
    const written = await this.#knex(TABLE)
      .where({
        agent_ref: agentRef,
        suspended_at: read?.suspended_at ?? null,
      })
      .update(change);
    return written > 0;
  }

  /**
   * Notes in whose name an agent acts, the first time. Whoever comes second finds what
   * the first wrote.
   */
  async noteIdentity(
    agentRef: string,
    identity: AgentIdentityMode,
    now: number,
  ): Promise<void> {
    await this.#know(agentRef);
    await this.#knex(TABLE)
      .where('agent_ref', agentRef)
      .whereNull('identity')
      .update({ identity, identity_at: now });
  }

  async #know(agentRef: string): Promise<void> {
    await this.#knex(TABLE)
      .insert({ agent_ref: agentRef })
      .onConflict('agent_ref')
      .ignore();
  }
}

/** As the rules of the life of agents read it. */
export function toRecord(row: StateRow | undefined): AgentStateRecord {
  if (!row) {
    return {};
  }
  return {
    ...(row.suspended_at !== null && {
      suspended: {
        at: iso(row.suspended_at),
        by: row.suspended_by ?? '',
        reason: row.suspend_reason ?? '',
      },
    }),
    ...(row.orphaned_since !== null && {
      orphaned: {
        since: iso(row.orphaned_since),
        sponsorRef: row.orphaned_sponsor_ref ?? '',
      },
    }),
    ...(row.identity && { identity: row.identity }),
  };
}

/** Who answers for an agent: whoever accepted, or else whom the entity names. */
export function sponsorOf(
  declared: string | undefined,
  row: StateRow | undefined,
  origin: string | null,
): string | undefined {
  return row?.sponsor_ref &&
    row.sponsor_instead_of === (declared ?? null) &&
    (row.sponsor_origin ?? origin ?? '') === (origin ?? '')
    ? row.sponsor_ref
    : declared;
}

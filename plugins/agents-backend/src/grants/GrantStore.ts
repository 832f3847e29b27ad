import { readPage } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

/** A row of `agent_grants`. */
export interface GrantRow {
  id: string;
  agent_ref: string;
  permission: string;
  /** Where the agent came from when it was given. */
  origin: string | null;
  granted_by: string;
  reason: string;
  created_at: StoredTime;
  expires_at: StoredTime | null;
  revoked_at: StoredTime | null;
  revoked_by: string | null;
}

const TABLE = 'agent_grants';

/** Permissions of Backstage plugins that agents were given. */
export class GrantStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Those that an agent has or had, the newest first. */
  async page(agentRef: string, page: { limit: number; cursor?: string }) {
    return readPage<GrantRow>(
      this.#knex(TABLE).where('agent_ref', agentRef),
      'created_at',
      page,
    );
  }

  async get(id: string): Promise<GrantRow | undefined> {
    return this.#knex(TABLE).where('id', id).first();
  }

  async add(row: GrantRow): Promise<void> {
    await this.#knex(TABLE).insert(row);
  }

  async revoke(id: string, by: string, now: number): Promise<void> {
    await this.#knex(TABLE)
      .where('id', id)
      .whereNull('revoked_at')
      .update({ revoked_at: now, revoked_by: by });
  }

  /** What holds now, by agent. */
  async activeByAgent(
    agentRefs: readonly string[],
    now: number,
  ): Promise<Map<string, GrantRow[]>> {
    const rows: GrantRow[] = agentRefs.length
      ? await this.#knex(TABLE)
          .whereIn('agent_ref', agentRefs)
          .whereNull('revoked_at')
          .andWhere(still =>
            still.whereNull('expires_at').orWhere('expires_at', '>', now),
          )
          .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
      : [];
    return Map.groupBy(rows, row => row.agent_ref);
  }
}

import { readPage } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

/** A row of `agent_grants`. */
export interface GrantRow {
  id: string;
  agent_ref: string;
  permission: string;
  granted_by: string;
  reason: string;
  created_at: StoredTime;
  expires_at: StoredTime | null;
  revoked_at: StoredTime | null;
  revoked_by: string | null;
}

const TABLE = 'agent_grants';
const MAX_SHOWN = 500;

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

  /** Those that hold now. */
  async active(agentRef: string, now: number): Promise<GrantRow[]> {
    return this.#knex(TABLE)
      .where('agent_ref', agentRef)
      .whereNull('revoked_at')
      .andWhere(still =>
        still.whereNull('expires_at').orWhere('expires_at', '>', now),
      )
      .orderBy('created_at', 'desc')
      .limit(MAX_SHOWN);
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

  /** The names of the permissions that hold now, by agent. */
  async namesByAgent(
    agentRefs: readonly string[],
    now: number,
  ): Promise<Map<string, string[]>> {
    const rows: GrantRow[] = agentRefs.length
      ? await this.#knex(TABLE)
          .select('agent_ref', 'permission')
          .whereIn('agent_ref', agentRefs)
          .whereNull('revoked_at')
          .andWhere(still =>
            still.whereNull('expires_at').orWhere('expires_at', '>', now),
          )
          .orderBy('permission')
      : [];
    const names = new Map<string, string[]>();
    for (const row of rows) {
      const of = names.get(row.agent_ref) ?? [];
      if (!of.includes(row.permission)) {
        of.push(row.permission);
      }
      names.set(row.agent_ref, of);
    }
    return names;
  }
}

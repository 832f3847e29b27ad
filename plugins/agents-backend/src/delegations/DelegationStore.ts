import type {
  Autonomy,
  DataClassification,
} from '@agentportal/plugin-agents-common';
import { readPage } from '@agentportal/plugin-agents-node';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

/** A row of `agent_delegations`. */
export interface DelegationRow {
  id: string;
  agent_ref: string;
  person_ref: string | null;
  started_by: string;
  task_id: string;
  session_id: string | null;
  parent_id: string | null;
  root_id: string;
  depth: number;
  ancestors: string;
  credential_id: string | null;
  /** Where the agent came from then; `null` in rows that are older than the column. */
  origin: string | null;
  autonomy: Autonomy | null;
  tools: string | null;
  data_class: DataClassification | null;
  created_at: StoredTime;
  expires_at: StoredTime;
  ended_at: StoredTime | null;
  end_reason: string | null;
}

/** A delegation as it is stored. */
export type StoredDelegation = Omit<DelegationRow, 'ancestors' | 'tools'> & {
  /** Those before it, the root first. */
  ancestors: Array<[id: string, agentRef: string]>;
  tools?: string[];
};

const TABLE = 'agent_delegations';

/** Who works for whom on what. */
export class DelegationStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Those of some ids that there are, by id. */
  async byIds(ids: Iterable<string>): Promise<Map<string, StoredDelegation>> {
    const all = [...new Set(ids)];
    const rows: DelegationRow[] = all.length
      ? await this.#knex(TABLE).whereIn('id', all)
      : [];
    return new Map(rows.map(row => [row.id, toStored(row)]));
  }

  /** What an agent works on now, the newest first. */
  async livePage(
    agentRef: string,
    page: { limit: number; cursor?: string },
    now: number,
  ) {
    const { rows, nextCursor } = await readPage<DelegationRow>(
      this.#knex(TABLE)
        .where('agent_ref', agentRef)
        .whereNull('ended_at')
        .andWhere('expires_at', '>', now),
      'created_at',
      page,
    );
    return { items: rows.map(toStored), nextCursor };
  }

  /**
   * Adds one.
   *
   * @throws NotAllowedError when its parent has ended or its credential was revoked meanwhile
   */
  async add(delegation: StoredDelegation): Promise<void> {
    const { ancestors, tools, ...columns } = delegation;
    await this.#knex.transaction(async tx => {
      if (delegation.parent_id) {
        // Whoever ends the parent waits for this, and finds the new one then.
        const [parent] = await tx(TABLE)
          .where('id', delegation.parent_id)
          .whereNull('ended_at')
          .forUpdate();
        if (!parent) {
          throw new NotAllowedError(
            'The work that this one is part of has ended, so nothing new can begin in it.',
          );
        }
      }
      if (delegation.credential_id) {
        // The same: whoever revokes it waits, and ends the new one then.
        const [credential] = await tx('agent_credentials')
          .where('id', delegation.credential_id)
          .forUpdate();
        if (credential && credential.revoked_at !== null) {
          throw new NotAllowedError(
            'The credential that asks for the work was revoked. Ask the owner of the agent for a new one.',
          );
        }
      }
      await tx(TABLE).insert({
        ...columns,
        ancestors: JSON.stringify(ancestors),
        tools: tools ? JSON.stringify(tools) : null,
      });
    });
  }

  /**
   * Ends one and all that came of it.
   *
   * @throws NotFoundError
   */
  async end(
    id: string,
    reason: string,
    now: number,
  ): Promise<StoredDelegation> {
    const ending = { ended_at: now, end_reason: reason };
    return this.#knex.transaction(async tx => {
      await tx(TABLE).where('id', id).whereNull('ended_at').update(ending);
      const row: DelegationRow | undefined = await tx(TABLE)
        .where('id', id)
        .first();
      if (!row) {
        throw new NotFoundError(`There is no delegation ${id}.`);
      }
      const family: DelegationRow[] = await tx(TABLE)
        .where('root_id', row.root_id)
        .whereNull('ended_at')
        .andWhere('depth', '>', row.depth);
      const below = family
        .filter(each => toStored(each).ancestors.some(([of]) => of === id))
        .map(each => each.id);
      await tx(TABLE).whereIn('id', below).whereNull('ended_at').update(ending);
      return toStored(row);
    });
  }

  /** Ends all that a credential asked for. */
  async endOfCredential(
    credentialId: string,
    reason: string,
    now: number,
  ): Promise<void> {
    await this.#knex(TABLE)
      .where('credential_id', credentialId)
      .whereNull('ended_at')
      .update({ ended_at: now, end_reason: reason });
  }
}

function toStored(row: DelegationRow): StoredDelegation {
  const { ancestors, tools, ...rest } = row;
  return {
    ...rest,
    ancestors: JSON.parse(ancestors),
    ...(tools && { tools: JSON.parse(tools) }),
  };
}

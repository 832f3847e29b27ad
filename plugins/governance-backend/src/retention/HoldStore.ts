import { readPage, timeOrderedId } from '@agentportal/plugin-agents-node';
import type { AuditHold } from '@agentportal/plugin-governance-common';
import { NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { TreeRow } from '../store/TreeStore';

interface HoldRow {
  id: string;
  tree: number;
  reason: string;
  agent_ref: string | null;
  subject: string | null;
  run_id: string | null;
  created_by: string;
  created_at: number | string;
  released_at: number | string | null;
  released_by: string | null;
  release_reason: string | null;
}

/** Legal holds: what they cover is neither deleted nor erased. */
export class HoldStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async create(
    tx: Knex.Transaction,
    tree: TreeRow,
    hold: {
      reason: string;
      agentRef?: string;
      subject?: string;
      runId?: string;
      createdBy: string;
    },
  ): Promise<string> {
    const id = timeOrderedId();
    await tx('audit_holds').insert({
      id,
      tree: tree.id,
      reason: hold.reason,
      agent_ref: hold.agentRef ?? null,
      subject: hold.subject ?? null,
      run_id: hold.runId ?? null,
      created_by: hold.createdBy,
      created_at: Date.now(),
    });
    return id;
  }

  /** @returns false when it was released before */
  async release(
    tx: Knex.Transaction,
    id: string,
    by: { releasedBy: string; reason: string },
  ): Promise<boolean> {
    const count = await tx('audit_holds')
      .where({ id })
      .whereNull('released_at')
      .update({
        released_at: Date.now(),
        released_by: by.releasedBy,
        release_reason: by.reason,
      });
    return count > 0;
  }

  async get(id: string): Promise<HoldRow> {
    const row = await this.#knex('audit_holds').where({ id }).first();
    if (!row) {
      throw new NotFoundError(`There is no legal hold ${id}.`);
    }
    return row;
  }

  list(tree: TreeRow, page: { limit: number; cursor?: string }) {
    return readPage<HoldRow>(
      this.#knex('audit_holds').where({ tree: tree.id }),
      'created_at',
      page,
    );
  }

  /** The condition that a hold is on an entry of a query on `audit_entries`. */
  held(tx: Knex = this.#knex): Knex.QueryBuilder {
    return tx('audit_holds as hold')
      .select(tx.raw('1'))
      .where('hold.tree', tx.ref('audit_entries.tree'))
      .whereNull('hold.released_at')
      .where(place =>
        place
          .whereNull('hold.agent_ref')
          .orWhere('hold.agent_ref', tx.ref('audit_entries.agent_ref')),
      )
      .where(place =>
        place
          .whereNull('hold.run_id')
          .orWhere('hold.run_id', tx.ref('audit_entries.run_id')),
      )
      .where(place =>
        place
          .whereNull('hold.subject')
          .orWhereExists(
            tx('audit_entry_subjects as named')
              .select(tx.raw('1'))
              .where('named.tree', tx.ref('audit_entries.tree'))
              .where('named.seq', tx.ref('audit_entries.seq'))
              .where('named.subject', tx.ref('hold.subject')),
          ),
      );
  }

  /** Whether a hold is on a person, or on an entry that names them. */
  async isOnPerson(
    tx: Knex.Transaction,
    tree: TreeRow,
    subject: string,
  ): Promise<boolean> {
    const [own] = await tx('audit_holds')
      .where({ tree: tree.id, subject })
      .whereNull('released_at')
      .limit(1);
    if (own) {
      return true;
    }
    const [entry] = await tx('audit_entries')
      .select('audit_entries.seq')
      .join('audit_entry_subjects as mine', join =>
        join
          .on('mine.tree', 'audit_entries.tree')
          .andOn('mine.seq', 'audit_entries.seq'),
      )
      .where('mine.tree', tree.id)
      .where('mine.subject', subject)
      .whereExists(this.held(tx))
      .limit(1);
    return entry !== undefined;
  }
}

/** A hold as the API gives it. */
export function toHold(
  row: HoldRow,
  tenant: string,
  personRef: string | undefined,
): AuditHold {
  const time = (at: number | string) => new Date(Number(at)).toISOString();
  return {
    id: row.id,
    tenant,
    reason: row.reason,
    ...(row.agent_ref && { agentRef: row.agent_ref }),
    ...(row.subject && { personRef: personRef ?? row.subject }),
    ...(row.run_id && { runId: row.run_id }),
    createdBy: row.created_by,
    createdAt: time(row.created_at),
    ...(row.released_at !== null && {
      releasedAt: time(row.released_at),
      releasedBy: row.released_by!,
      releaseReason: row.release_reason!,
    }),
  };
}

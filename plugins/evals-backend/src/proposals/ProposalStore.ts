import { deleteInBatches, readPage } from '@agentportal/plugin-agents-node';
import type {
  Candidate,
  ProposalCause,
  Proposal,
} from '@agentportal/plugin-evals-common';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { ERASED } from '../store/erased';
import { iso } from '../store/iso';

const TABLE = 'evals_proposals';

interface ProposalRow {
  id: string;
  agent_ref: string;
  title: string;
  reason: string | null;
  cause: string;
  candidate: string;
  evaluation_id: string | null;
  status: Proposal['status'];
  created_at: number | string;
  created_by: string;
  closed_at: number | string | null;
  closed_by: string | null;
  note: string | null;
  drafted_by: string | null;
}

/** A change that somebody proposes. */
export interface NewProposal {
  id: string;
  agentRef: string;
  title: string;
  reason?: string;
  cause: ProposalCause;
  candidate: Candidate;
  createdBy: string;
  /** The model that wrote it. */
  draftedBy?: string;
}

/** Proposed changes of agents. */
export class ProposalStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async add(proposal: NewProposal, now = Date.now()): Promise<void> {
    await this.#knex(TABLE).insert({
      id: proposal.id,
      agent_ref: proposal.agentRef,
      title: proposal.title,
      reason: proposal.reason ?? null,
      cause: JSON.stringify(proposal.cause),
      candidate: JSON.stringify(proposal.candidate),
      evaluation_id: null,
      status: 'open',
      created_at: now,
      created_by: proposal.createdBy,
      closed_at: null,
      closed_by: null,
      note: null,
      drafted_by: proposal.draftedBy ?? null,
    });
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<Proposal> {
    const row: ProposalRow | undefined = await this.#knex(TABLE)
      .where({ id })
      .first();
    if (!row) {
      throw new NotFoundError(`There is no proposal ${id}.`);
    }
    return toProposal(row);
  }

  /** The newest first; `agentRefs` undefined is all. */
  async list(
    filter: { agentRefs?: string[]; status?: Proposal['status'] },
    page: { limit: number; cursor?: string },
  ): Promise<{ items: Proposal[]; nextCursor?: string }> {
    const { agentRefs, status } = filter;
    const { rows, nextCursor } = await readPage<ProposalRow>(
      this.#knex(TABLE)
        .modify(where => agentRefs && where.whereIn('agent_ref', agentRefs))
        .modify(where => status && where.where({ status })),
      'created_at',
      page,
    );
    return {
      items: rows.map(toProposal),
      ...(nextCursor && { nextCursor }),
    };
  }

  /** All agents of which there are any. */
  async agents(): Promise<string[]> {
    return this.#knex(TABLE).distinct().pluck('agent_ref');
  }

  /** Of several evaluations the last counts. @throws ConflictError when it is closed */
  async evaluate(id: string, evaluationId: string): Promise<void> {
    const changed = await this.#knex(TABLE)
      .where({ id, status: 'open' })
      .update({ evaluation_id: evaluationId });
    requireOpen(changed > 0);
  }

  /** @throws ConflictError when it is closed */
  async close(
    id: string,
    closed: { status: 'adopted' | 'dropped'; by: string; note?: string },
    now = Date.now(),
  ): Promise<void> {
    const changed = await this.#knex(TABLE)
      .where({ id, status: 'open' })
      .update({
        status: closed.status,
        closed_at: now,
        closed_by: closed.by,
        note: closed.note ?? null,
      });
    requireOpen(changed > 0);
  }

  /** Takes a person's name and words from it; says from how many. */
  async erase(person: string): Promise<number> {
    const created = await this.#knex(TABLE)
      .where({ created_by: person })
      .update({ created_by: ERASED, reason: null });
    const closed = await this.#knex(TABLE)
      .where({ closed_by: person })
      .update({ closed_by: ERASED, note: null });
    return created + closed;
  }

  /** Deletes those that were made before a time. */
  async removeBefore(before: number, signal?: AbortSignal): Promise<void> {
    await deleteInBatches(
      this.#knex,
      { table: TABLE, key: 'id' },
      rows => rows.where('created_at', '<', before),
      signal,
    );
  }
}

/** @throws ConflictError when a proposal is closed */
export function requireOpen(isOpen: boolean): void {
  if (!isOpen) {
    throw new ConflictError('The proposal is closed. Make another one.');
  }
}

function toProposal(row: ProposalRow): Proposal {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    title: row.title,
    ...(row.reason && { reason: row.reason }),
    cause: JSON.parse(row.cause),
    candidate: JSON.parse(row.candidate),
    ...(row.evaluation_id && { evaluationId: row.evaluation_id }),
    status: row.status,
    createdAt: iso(row.created_at),
    createdBy: row.created_by,
    ...(row.drafted_by && { draftedBy: row.drafted_by }),
    ...(row.closed_at !== null && { closedAt: iso(row.closed_at) }),
    ...(row.closed_by && { closedBy: row.closed_by }),
    ...(row.note && { note: row.note }),
  };
}

import type { ThreadSummary } from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { readPage } from './paging';
import { iso } from './rows';

interface ThreadRow {
  id: string;
  agent_ref: string;
  created_by: string;
  session_id: string | null;
  title: string;
  run_count: number;
  is_rehearsal: boolean | number;
  created_at: number | string;
  updated_at: number | string;
}

/** Conversations, as rows; their messages are the runs themselves. */
export class ThreadStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Whose a conversation is, with whom, and whether it is one of rehearsals. */
  async get(id: string): Promise<
    | {
        agentRef: string;
        createdBy: string;
        isRehearsal: boolean;
        /** The conversation that the guard and rules take it for a part of. */
        sessionId: string;
      }
    | undefined
  > {
    const row: ThreadRow | undefined = await this.#knex('orchestration_threads')
      .where({ id })
      .first('agent_ref', 'created_by', 'is_rehearsal', 'session_id');
    return (
      row && {
        agentRef: row.agent_ref,
        createdBy: row.created_by,
        isRehearsal: Boolean(row.is_rehearsal),
        sessionId: row.session_id ?? id,
      }
    );
  }

  /** The conversations of one person or program, the latest first, but for rehearsals. */
  async list(query: {
    createdBy: string;
    agentRef?: string;
    limit: number;
    cursor?: string;
  }): Promise<{ items: ThreadSummary[]; nextCursor?: string }> {
    const { agentRef, createdBy } = query;
    const { rows, nextCursor } = await readPage<ThreadRow>(
      this.#knex,
      {
        table: 'orchestration_threads',
        column: 'updated_at',
        where: select =>
          select.where({
            created_by: createdBy,
            is_rehearsal: false,
            ...(agentRef ? { agent_ref: agentRef } : {}),
          }),
      },
      query,
    );
    const waiting = await this.#waiting(rows.map(({ id }) => id));
    return {
      items: rows.map(row => toSummary(row, waiting)),
      ...(nextCursor ? { nextCursor } : {}),
    };
  }

  /** Those of some conversations in which a run waits for people. */
  async #waiting(ids: string[]): Promise<Set<string>> {
    return new Set(
      await this.#knex('orchestration_runs')
        .whereIn('thread_id', ids)
        .andWhere({ status: 'interrupted' })
        .pluck('thread_id'),
    );
  }
}

function toSummary(row: ThreadRow, waiting: Set<string>): ThreadSummary {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    title: row.title,
    updatedAt: iso(row.updated_at),
    runCount: row.run_count,
    isWaiting: waiting.has(row.id),
  };
}

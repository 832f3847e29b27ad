import type { ThreadSummary } from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { readPage } from './paging';
import { iso } from './rows';

interface ThreadRow {
  id: string;
  agent_ref: string;
  created_by: string;
  title: string;
  run_count: number;
  created_at: number | string;
  updated_at: number | string;
}

/** A conversation and whose it is. */
export interface StoredThread {
  summary: ThreadSummary;
  createdBy: string;
}

/** Conversations, as rows; their messages are the runs themselves. */
export class ThreadStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async get(id: string): Promise<StoredThread | undefined> {
    const row = await this.#knex<ThreadRow>('orchestration_threads')
      .where({ id })
      .first();
    return row && { summary: toSummary(row), createdBy: row.created_by };
  }

  /** The conversations of one person or program, the latest first. */
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
            ...(agentRef ? { agent_ref: agentRef } : {}),
          }),
      },
      query,
    );
    return {
      items: rows.map(toSummary),
      ...(nextCursor ? { nextCursor } : {}),
    };
  }
}

function toSummary(row: ThreadRow): ThreadSummary {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    title: row.title,
    updatedAt: iso(row.updated_at),
    runCount: row.run_count,
  };
}

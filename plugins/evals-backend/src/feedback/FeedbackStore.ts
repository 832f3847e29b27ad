import { randomUUID } from 'node:crypto';
import {
  deleteInBatches,
  isSqlite,
  readPage,
} from '@agentportal/plugin-agents-node';
import type { Feedback, FeedbackList } from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { iso } from '../store/iso';

const FEEDBACK = 'evals_feedback';
const DAYS = 'evals_feedback_days';
const DAY_MS = 86_400_000;
/** Rows that are read at once. */
const BATCH = 500;

type Rating = Feedback['rating'];

interface FeedbackRow {
  id: string;
  run_id: string;
  agent_ref: string;
  rating: Rating;
  comment: string | null;
  given_by: string;
  at: number | string;
}

/** Ratings of an agent on a UTC day, counted in days since 1970. */
export interface RatedDay {
  agentRef: string;
  day: number;
  up: number;
  down: number;
}

/** What people said of answers, and its sums by day. */
export class FeedbackStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Writes what was said in the place of what the person said of the run before. */
  async put(
    given: Omit<Feedback, 'id' | 'at' | 'reviewId'> & { by: string },
    now = Date.now(),
  ): Promise<Feedback> {
    const { runId, agentRef, rating, comment, by } = given;
    return this.#knex.transaction(async tx => {
      const id = randomUUID();
      const said = { rating, comment: comment ?? null, at: now };
      // Who is first makes the row, and so whoever comes at the same time waits for it.
      await tx(FEEDBACK)
        .insert({
          id,
          run_id: runId,
          agent_ref: agentRef,
          given_by: by,
          ...said,
        })
        .onConflict('run_id')
        .ignore();
      const row: FeedbackRow = await tx(FEEDBACK)
        .where({ run_id: runId })
        .modify(select => {
          if (!isSqlite(tx)) {
            select.forUpdate();
          }
        })
        .first();
      if (row.id !== id) {
        await tx(FEEDBACK).where({ id: row.id }).update(said);
        await addToDay(tx, { ...row, at: Number(row.at) }, -1);
      }
      await addToDay(tx, { agent_ref: row.agent_ref, ...said }, 1);
      return toFeedback({ ...row, ...said });
    });
  }

  /**
   * A page, the newest first.
   *
   * @param who - whose feedback: of these agents, or of this person; all when absent
   */
  async list(
    query: {
      agentRef?: string;
      runId?: string;
      rating?: Rating;
      limit: number;
      cursor?: string;
    },
    who?: { agentRefs: string[]; person?: string },
  ): Promise<FeedbackList> {
    const { agentRef, runId, rating } = query;
    const select = this.#knex(FEEDBACK).where({
      ...(agentRef && { agent_ref: agentRef }),
      ...(runId && { run_id: runId }),
      ...(rating && { rating }),
    });
    if (who) {
      select.andWhere(either => {
        either.whereIn('agent_ref', who.agentRefs);
        if (who.person) {
          either.orWhere('given_by', who.person);
        }
      });
    }
    const { rows, nextCursor } = await readPage<FeedbackRow>(
      select,
      'at',
      query,
    );
    return {
      items: rows.map(toFeedback),
      ...(nextCursor && { nextCursor }),
    };
  }

  /** What was said of some runs, by the id of the run. */
  async ofRuns(runIds: string[]): Promise<Map<string, Feedback>> {
    const rows: FeedbackRow[] = runIds.length
      ? await this.#knex(FEEDBACK).whereIn('run_id', runIds)
      : [];
    return new Map(rows.map(row => [row.run_id, toFeedback(row)]));
  }

  /** All agents of which something was said. */
  async agents(): Promise<string[]> {
    return this.#knex(DAYS).distinct('agent_ref').pluck('agent_ref');
  }

  /** Sums of all agents on the days from `firstDay` on. */
  async days(firstDay: number): Promise<RatedDay[]> {
    const rows = await this.#knex(DAYS).where('day', '>=', firstDay);
    return rows.map(row => ({
      agentRef: row.agent_ref,
      day: Number(row.day),
      up: Number(row.up),
      down: Number(row.down),
    }));
  }

  /**
   * Erases all that a person said, also from the sums: whoever erased and rated again would
   * count as often as they liked.
   */
  async erase(person: string): Promise<number> {
    let erased = 0;
    let found: FeedbackRow[];
    do {
      found = await this.#knex(FEEDBACK)
        .where({ given_by: person })
        .limit(BATCH);
      for (const row of found) {
        erased += await this.#eraseOne(row);
      }
    } while (found.length === BATCH);
    return erased;
  }

  /** @returns 1 when it was this row, as it was read, that went */
  async #eraseOne(row: FeedbackRow): Promise<number> {
    return this.#knex.transaction(async tx => {
      // Of two who erase at once, one takes it from the sums; and what was said anew counts.
      const { id, at, rating } = row;
      const deleted = await tx(FEEDBACK).where({ id, at, rating }).delete();
      if (deleted > 0) {
        await addToDay(tx, { ...row, at: Number(at) }, -1);
      }
      return deleted;
    });
  }

  /** Deletes what was said before a time, a batch at a time. */
  async removeBefore(before: number, signal?: AbortSignal): Promise<void> {
    await deleteInBatches(
      this.#knex,
      { table: FEEDBACK, key: 'id' },
      rows => rows.where('at', '<', before).orderBy('at'),
      signal,
    );
    await this.#knex(DAYS)
      .where('day', '<', Math.floor(before / DAY_MS))
      .delete();
  }
}

async function addToDay(
  tx: Knex.Transaction,
  { agent_ref, at, rating }: { agent_ref: string; at: number; rating: Rating },
  count: 1 | -1,
): Promise<void> {
  const key = { agent_ref, day: Math.floor(at / DAY_MS) };
  await tx(DAYS)
    .insert({ ...key, up: 0, down: 0 })
    .onConflict(['agent_ref', 'day'])
    .ignore();
  await tx(DAYS).where(key).increment(rating, count);
}

function toFeedback(row: FeedbackRow): Feedback {
  return {
    id: row.id,
    runId: row.run_id,
    agentRef: row.agent_ref,
    rating: row.rating,
    ...(row.comment !== null && { comment: row.comment }),
    by: row.given_by,
    at: iso(row.at),
  };
}

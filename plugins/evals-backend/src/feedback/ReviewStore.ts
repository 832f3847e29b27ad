import { randomUUID } from 'node:crypto';
import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type {
  JudgeReviewRequest,
  Review,
} from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import { iso } from '../store/iso';

const REVIEWS = 'evals_reviews';
const VERDICTS = 'evals_verdicts';
const BATCH = 500;
/** Conversations whose verdicts are compared; the newest say how reviewers agree now. */
const COMPARED = 1_000;

const positionSchema = z.tuple([z.number().int(), z.string().max(64)]);

export type ReviewReason = Review['reason'];
type Verdict = Review['verdicts'][number];

interface ReviewRow {
  id: string;
  run_id: string;
  agent_ref: string;
  reason: ReviewReason;
  sampled: boolean | number;
  status: Review['status'];
  created_at: number | string;
  data_set_id: string | null;
  case_id: string | null;
}

/** A conversation that somebody is to look at. */
export interface NewReview {
  runId: string;
  agentRef: string;
  reason: ReviewReason;
  sampled?: boolean;
}

/** Which reviews a list holds. */
export interface ReviewFilter {
  agentRef?: string;
  status?: Review['status'];
  reason?: ReviewReason;
}

/** Conversations that wait for people, and what these say of them. */
export class ReviewStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Writes those that are not there; of a run that is chosen twice there is one. What a
   * person said is the reason that tells most, and that it was drawn at random stays.
   */
  async add(reviews: NewReview[], now = Date.now()): Promise<void> {
    for (let i = 0; i < reviews.length; i += BATCH) {
      const some = reviews.slice(i, i + BATCH);
      await this.#knex(REVIEWS)
        .insert(
          some.map(({ runId, agentRef, reason, sampled = false }) => ({
            id: randomUUID(),
            run_id: runId,
            agent_ref: agentRef,
            reason,
            sampled,
            status: 'waiting',
            created_at: now,
          })),
        )
        .onConflict('run_id')
        .ignore();
      const drawn = some.filter(({ sampled }) => sampled);
      await this.#knex(REVIEWS)
        .whereIn(
          'run_id',
          drawn.map(({ runId }) => runId),
        )
        .update({ sampled: true });
      const said = some.filter(({ reason }) => reason === 'feedback');
      await this.#knex(REVIEWS)
        .whereIn(
          'run_id',
          said.map(({ runId }) => runId),
        )
        .andWhereNot('reason', 'feedback')
        .update({ reason: 'feedback' });
    }
  }

  async get(id: string): Promise<Review | undefined> {
    const row: ReviewRow | undefined = await this.#knex(REVIEWS)
      .where({ id })
      .first();
    return row && (await this.#withVerdicts([row]))[0];
  }

  /** The ids of the reviews of some runs, by the id of the run. */
  async idsOfRuns(runIds: string[]): Promise<Map<string, string>> {
    const rows: Array<Pick<ReviewRow, 'id' | 'run_id'>> = runIds.length
      ? await this.#knex(REVIEWS)
          .whereIn('run_id', runIds)
          .select('id', 'run_id')
      : [];
    return new Map(rows.map(row => [row.run_id, row.id]));
  }

  /**
   * A page. Those that wait come the oldest first, so that none is forgotten; others the
   * newest first.
   *
   * @param agentRefs - of these agents only; of all when absent
   */
  async list(
    filter: ReviewFilter,
    page: { limit: number; cursor?: string },
    agentRefs?: string[],
  ): Promise<{ items: Review[]; nextCursor?: string }> {
    const [order, beyond] =
      filter.status === 'waiting'
        ? (['asc', '>'] as const)
        : (['desc', '<'] as const);
    const select = this.#matching(filter, agentRefs);
    const position = decodeCursor(page.cursor, positionSchema);
    if (position) {
      const [at, id] = position;
      select.andWhere(place =>
        place
          .where('created_at', beyond, at)
          .orWhere(tie =>
            tie.where('created_at', at).andWhere('id', beyond, id),
          ),
      );
    }
    const rows: ReviewRow[] = await select
      .orderBy([
        { column: 'created_at', order },
        { column: 'id', order },
      ])
      .limit(page.limit + 1);
    const kept = rows.slice(0, page.limit);
    const last = kept.at(-1);
    return {
      items: await this.#withVerdicts(kept),
      ...(rows.length > page.limit &&
        last && {
          nextCursor: encodeCursor([Number(last.created_at), last.id]),
        }),
    };
  }

  /** All agents that have reviews. */
  async agents(): Promise<string[]> {
    return this.#knex(REVIEWS).distinct('agent_ref').pluck('agent_ref');
  }

  /** How many were chosen for a reason since a time, by agent. */
  async countSince(
    reason: ReviewReason,
    since: number,
    agentRefs: string[],
  ): Promise<Map<string, number>> {
    const rows: Array<Record<string, unknown>> = await this.#knex(REVIEWS)
      .where({ reason })
      .andWhere('created_at', '>=', since)
      .whereIn('agent_ref', agentRefs)
      .groupBy('agent_ref')
      .select('agent_ref')
      .count({ count: '*' });
    return new Map(rows.map(row => [String(row.agent_ref), Number(row.count)]));
  }

  /** Writes what a reviewer says, in the place of what they said before. */
  async judge(
    reviewId: string,
    by: string,
    { verdict, failure, note }: JudgeReviewRequest,
    now = Date.now(),
  ): Promise<void> {
    const said = {
      verdict,
      failure: failure ?? null,
      note: note ?? null,
      at: now,
    };
    await this.#knex.transaction(async tx => {
      await tx(VERDICTS)
        .insert({ review_id: reviewId, judged_by: by, ...said })
        .onConflict(['review_id', 'judged_by'])
        .merge(said);
      await tx(REVIEWS).where({ id: reviewId }).update({ status: 'judged' });
    });
  }

  /** Notes of which data set a case was made of it. */
  async noteCase(
    id: string,
    { dataSetId, caseId }: { dataSetId: string; caseId: string },
  ): Promise<void> {
    await this.#knex(REVIEWS)
      .where({ id })
      .update({ data_set_id: dataSetId, case_id: caseId });
  }

  /** The first two verdicts on each of the newest conversations that two people judged. */
  async verdictPairs(
    filter: ReviewFilter,
    agentRefs?: string[],
  ): Promise<Array<[string, string]>> {
    const twice = this.#knex(VERDICTS)
      .select('review_id')
      .groupBy('review_id')
      .havingRaw('count(*) > 1');
    const ids: string[] = await this.#matching(
      { ...filter, status: 'judged' },
      agentRefs,
    )
      .whereIn('id', twice)
      .orderBy('created_at', 'desc')
      .limit(COMPARED)
      .pluck('id');
    const rows: Array<{ review_id: string; verdict: string }> =
      await this.#knex(VERDICTS)
        .whereIn('review_id', ids)
        .orderBy(['review_id', 'at', 'judged_by'])
        .select('review_id', 'verdict');
    return [...Map.groupBy(rows, row => row.review_id).values()].map(
      ([first, second]) => [first.verdict, second.verdict],
    );
  }

  /**
   * What became of those drawn at random since a time, by agent, up to the first of each
   * agent that still waits: whoever judges easy ones first would choose what counts.
   */
  async sampledSince(since: number, agentRef?: string) {
    const drawn = () =>
      this.#knex(`${REVIEWS} as r`)
        .where('r.sampled', true)
        .andWhere('r.created_at', '>=', since)
        .modify(select => {
          if (agentRef) {
            select.andWhere('r.agent_ref', agentRef);
          }
        });
    const waiting: Array<Record<string, unknown>> = await drawn()
      .where('r.status', 'waiting')
      .groupBy('r.agent_ref')
      .select('r.agent_ref')
      .count({ count: '*' })
      .min({ first: 'r.created_at' });
    const judged: Array<Record<string, unknown>> = await drawn()
      .where('r.status', 'judged')
      .whereNotExists(
        this.#knex(`${REVIEWS} as w`)
          .select(this.#knex.raw('1'))
          .where('w.agent_ref', this.#knex.ref('r.agent_ref'))
          .where('w.sampled', true)
          .where('w.status', 'waiting')
          .where('w.created_at', '>=', since)
          .where('w.created_at', '<=', this.#knex.ref('r.created_at')),
      )
      .leftJoin(`${VERDICTS} as v`, join =>
        join.on('v.review_id', 'r.id').andOnVal('v.verdict', '<>', 'good'),
      )
      .groupBy('r.agent_ref')
      .select('r.agent_ref')
      .countDistinct({ judged: 'r.id', bad: 'v.review_id' });
    const result = new Map<
      string,
      { judged: number; bad: number; waiting: number }
    >();
    for (const row of judged) {
      result.set(String(row.agent_ref), {
        judged: Number(row.judged),
        bad: Number(row.bad),
        waiting: 0,
      });
    }
    for (const row of waiting) {
      const known = result.get(String(row.agent_ref));
      result.set(String(row.agent_ref), {
        ...(known ?? { judged: 0, bad: 0 }),
        waiting: Number(row.count),
      });
    }
    return result;
  }

  /** Takes the name and the note of a person from what they judged; the verdict stays. */
  async erase(person: string): Promise<number> {
    return this.#knex(VERDICTS)
      .where({ judged_by: person })
      .update({ judged_by: `erased:${randomUUID()}`, note: null });
  }

  /** Deletes reviews that were chosen before a time, with their verdicts. */
  async removeBefore(
    before: number,
    status?: Review['status'],
    signal?: AbortSignal,
  ): Promise<void> {
    let removed = BATCH;
    while (removed === BATCH && !signal?.aborted) {
      const ids = await this.#matching({ status })
        .andWhere('created_at', '<', before)
        .orderBy('created_at')
        .limit(BATCH)
        .pluck('id');
      removed = ids.length;
      await this.#knex.transaction(async tx => {
        // SQLite does not cascade unless it is told to.
        await tx(VERDICTS).whereIn('review_id', ids).delete();
        await tx(REVIEWS).whereIn('id', ids).delete();
      });
    }
  }

  #matching(
    { agentRef, status, reason }: ReviewFilter,
    agentRefs?: string[],
  ): Knex.QueryBuilder {
    const select = this.#knex(REVIEWS).where({
      ...(agentRef && { agent_ref: agentRef }),
      ...(status && { status }),
      ...(reason && { reason }),
    });
    return agentRefs ? select.whereIn('agent_ref', agentRefs) : select;
  }

  async #withVerdicts(rows: ReviewRow[]): Promise<Review[]> {
    const verdicts = rows.length
      ? await this.#knex(VERDICTS)
          .whereIn(
            'review_id',
            rows.map(({ id }) => id),
          )
          .orderBy(['at', 'judged_by'])
      : [];
    const of = Map.groupBy(verdicts, verdict => String(verdict.review_id));
    return rows.map(row => ({
      id: row.id,
      agentRef: row.agent_ref,
      runId: row.run_id,
      reason: row.reason,
      status: row.status,
      sampled: Boolean(row.sampled),
      createdAt: iso(row.created_at),
      verdicts: (of.get(row.id) ?? []).map(
        (each): Verdict => ({
          verdict: each.verdict,
          ...(each.failure && { failure: each.failure }),
          ...(each.note && { note: each.note }),
          by: each.judged_by,
          at: iso(each.at),
        }),
      ),
      ...(row.data_set_id && { dataSetId: row.data_set_id }),
      ...(row.case_id && { caseId: row.case_id }),
    }));
  }
}

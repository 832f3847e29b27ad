import type { CheckResult, Failure } from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { checksOf } from '../evaluations/rows';
import { iso } from '../store/iso';

/** Of each source the newest are looked at. */
const MOST = 200;
const MOST_LETTERS = 300;

/** What an agent did wrong: in evaluations, by reviewers, and by those whom it answered. */
export class FailureReader {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * The newest failures since a time, at most 600.
   *
   * @param since - milliseconds since the epoch
   */
  async read(agentRef: string, since: number): Promise<Failure[]> {
    const [evaluated, reviewed, rated] = await Promise.all([
      this.#evaluated(agentRef, since),
      this.#reviewed(agentRef, since),
      this.#rated(agentRef, since),
    ]);
    // What a reviewer looked at says more than the thumb that brought it there.
    const looked = new Set(reviewed.map(({ runId }) => runId));
    return [
      ...evaluated,
      ...reviewed,
      ...rated.filter(({ runId }) => !looked.has(runId)),
    ];
  }

  /** Of the version in force, by the newest evaluation of each data set. */
  async #evaluated(agentRef: string, since: number): Promise<Failure[]> {
    const newest = this.#knex('evals_evaluations')
      .where({ agent_ref: agentRef, status: 'completed' })
      .whereNull('candidate')
      .andWhere('created_at', '>=', since)
      .groupBy('data_set_id')
      .select('data_set_id')
      .max({ created_at: 'created_at' });
    const rows = await this.#knex('evals_results as result')
      .join('evals_evaluations as evaluation', join =>
        join
          .on('evaluation.id', 'result.evaluation_id')
          .andOnVal('evaluation.agent_ref', agentRef)
          .andOnVal('evaluation.status', 'completed')
          .andOnNull('evaluation.candidate'),
      )
      .join(newest.as('newest'), join =>
        join
          .on('newest.data_set_id', 'evaluation.data_set_id')
          .andOn('newest.created_at', 'evaluation.created_at'),
      )
      .where('result.outcome', 'failed')
      .orderBy([
        { column: 'evaluation.created_at', order: 'desc' },
        'result.evaluation_id',
        'result.position',
        'result.case_id',
        'result.trial',
      ])
      .limit(MOST)
      .select(
        'result.evaluation_id',
        'result.case_id',
        'result.run_id',
        'result.ask',
        'result.checks',
        'evaluation.created_at',
      );
    return rows.map(row => {
      const failed = checksOf(row).filter(
        ({ outcome }) => outcome === 'failed',
      );
      return {
        source: 'evaluation',
        kind: failed[0]?.evaluator ?? 'unknown',
        text: shortened(textOf(row.ask, failed)),
        at: iso(row.created_at),
        evaluationId: row.evaluation_id,
        caseId: row.case_id,
        ...(row.run_id && { runId: row.run_id }),
      };
    });
  }

  async #reviewed(agentRef: string, since: number): Promise<Failure[]> {
    const rows = await this.#knex('evals_verdicts as verdict')
      .join('evals_reviews as review', 'review.id', 'verdict.review_id')
      .where({ 'review.agent_ref': agentRef, 'verdict.verdict': 'bad' })
      .andWhere('verdict.at', '>=', since)
      .orderBy([{ column: 'verdict.at', order: 'desc' }, 'review.id'])
      .limit(MOST)
      .select(
        'review.id',
        'review.run_id',
        'verdict.failure',
        'verdict.note',
        'verdict.at',
      );
    return rows.map(row => ({
      source: 'review',
      kind: row.failure ?? 'other',
      text: shortened(row.note ?? ''),
      at: iso(row.at),
      reviewId: row.id,
      runId: row.run_id,
    }));
  }

  async #rated(agentRef: string, since: number): Promise<Failure[]> {
    const rows = await this.#knex('evals_feedback')
      .where({ agent_ref: agentRef, rating: 'down' })
      .andWhere('at', '>=', since)
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(MOST)
      .select('run_id', 'comment', 'at');
    return rows.map(row => ({
      source: 'feedback',
      kind: 'thumbs-down',
      text: shortened(row.comment ?? ''),
      at: iso(row.at),
      runId: row.run_id,
    }));
  }
}

function textOf(ask: string, failed: readonly CheckResult[]): string {
  const reasons = failed.flatMap(({ reason }) => reason ?? []);
  return [ask, ...reasons].join(' — ');
}

function shortened(text: string): string {
  return text.length > MOST_LETTERS
    ? `${text.slice(0, MOST_LETTERS - 1).toWellFormed()}…`
    : text;
}

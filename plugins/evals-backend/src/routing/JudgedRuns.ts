import { deleteInBatches } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';

const TOLD = 'evals_told_outcomes';

/** A run, and whether it was judged right. */
export interface JudgedRun {
  runId: string;
  succeeded: boolean;
}

/** Runs that were judged, by evaluators in evaluations and by people in reviews. */
export class JudgedRuns {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Those of evaluations that ended, and of reviews, since a time, that were not told yet. */
  async untold(since: number, limit: number): Promise<JudgedRun[]> {
    const isTold = (column: string) => (told: Knex.QueryBuilder) => {
      told
        .from(TOLD)
        .whereRaw('?? = ??', [`${TOLD}.run_id`, column])
        .select(this.#knex.raw('1'));
    };
    const evaluated: Array<{ run_id: string; outcome: string }> =
      await this.#knex('evals_results as result')
        .join(
          'evals_evaluations as evaluation',
          'evaluation.id',
          'result.evaluation_id',
        )
        .where('evaluation.status', 'completed')
        .andWhere('evaluation.completed_at', '>=', since)
        .whereIn('result.outcome', ['passed', 'failed'])
        .whereNotNull('result.run_id')
        .whereNotExists(isTold('result.run_id'))
        .limit(limit)
        .select('result.run_id', 'result.outcome');
    const rest = limit - evaluated.length;
    // Where reviewers do not agree nothing is known.
    const reviewed: Array<{ run_id: string; verdict: string }> =
      rest > 0
        ? await this.#knex('evals_verdicts as verdict')
            .join('evals_reviews as review', 'review.id', 'verdict.review_id')
            .where('verdict.at', '>=', since)
            .whereIn('verdict.verdict', ['good', 'bad'])
            .whereNotExists(isTold('review.run_id'))
            .groupBy('review.run_id')
            .havingRaw('min(verdict.verdict) = max(verdict.verdict)')
            .limit(rest)
            .select('review.run_id')
            .min({ verdict: 'verdict.verdict' })
        : [];
    return [
      ...evaluated.map(row => ({
        runId: row.run_id,
        succeeded: row.outcome === 'passed',
      })),
      ...reviewed.map(row => ({
        runId: row.run_id,
        succeeded: row.verdict === 'good',
      })),
    ];
  }

  async noteTold(runId: string, used: boolean, now: number): Promise<void> {
    await this.#knex(TOLD)
      .insert({ run_id: runId, told_at: now, used })
      .onConflict('run_id')
      .ignore();
  }

  async removeBefore(before: number, signal?: AbortSignal): Promise<void> {
    await deleteInBatches(
      this.#knex,
      { table: TOLD, key: 'run_id' },
      rows => rows.where('told_at', '<', before),
      signal,
    );
  }
}

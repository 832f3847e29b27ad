import type { Knex } from 'knex';
import { type JudgeCalls, JudgeSpentError } from './Judge';

const EVALUATIONS = 'evals_evaluations';

/** What a judge may use for each evaluation: so many calls, and so much money, in whatever process. */
export class JudgeBudget {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The calls of an evaluation. */
  of(evaluationId: string): JudgeCalls {
    return {
      take: () => this.#take(evaluationId),
      spend: nanoUsd => this.#spend(evaluationId, nanoUsd),
    };
  }

  /** Takes one call, before it is made. */
  async #take(evaluationId: string): Promise<void> {
    const knex = this.#knex;
    const taken = await knex(EVALUATIONS)
      .where({ id: evaluationId })
      .andWhere('judge_calls', '<', knex.ref('judge_max_calls'))
      .andWhere('judge_nano_usd', '<', knex.ref('judge_max_nano_usd'))
      .increment('judge_calls', 1);
    if (taken > 0) {
      return;
    }
    const row = await knex(EVALUATIONS)
      .where({ id: evaluationId })
      .first('judge_calls', 'judge_max_calls', 'judge_max_nano_usd');
    const used =
      row && row.judge_calls >= row.judge_max_calls
        ? `made the ${row.judge_max_calls} calls that this evaluation may have`
        : `used the ${
            Number(row?.judge_max_nano_usd ?? 0) / 1e9
          } USD that judging may cost this evaluation`;
    throw new JudgeSpentError(
      `The judge has ${used}. Evaluate again with a higher limit, or with fewer cases that a judge decides.`,
    );
  }

  /** Adds what a call cost, in nano-USD; calls that are under way at once may go past the limit by what they cost. */
  async #spend(evaluationId: string, nanoUsd: number): Promise<void> {
    if (nanoUsd > 0) {
      await this.#knex(EVALUATIONS)
        .where({ id: evaluationId })
        .increment('judge_nano_usd', nanoUsd);
    }
  }
}

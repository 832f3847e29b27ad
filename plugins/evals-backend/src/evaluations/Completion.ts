import type {
  CheckResult,
  EvalCase,
  Evaluation,
} from '@agentportal/plugin-evals-common';
import { WorkerLimitError } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { DataSetStore } from '../dataSets/DataSetStore';
import type { Opinion } from '../judging/Attempt';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import type { EvaluationStore } from './EvaluationStore';
import {
  checksOf,
  type EvaluationRow,
  outcomeOf,
  type ResultRow,
  toEvaluation,
} from './rows';

/** Rows whose checks are read at once. */
const PAGE = 500;
/** Counting takes longer the more there are, and is for people who watch. */
const COUNT_AT_MOST_EVERY_MS = 1_000;

/** Sees when an evaluation is through, and writes what it came to. */
export class Completion {
  readonly #o: {
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    knex: Knex;
    workers: EvalsWorkers;
    /** Told once of each that is through. */
    onEnd: (evaluation: Evaluation) => Promise<void>;
  };
  readonly #countedAt = new Map<string, number>();

  constructor(options: {
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    knex: Knex;
    workers: EvalsWorkers;
    onEnd: (evaluation: Evaluation) => Promise<void>;
  }) {
    this.#o = options;
  }

  /** Counts, and ends it when no question is left. */
  async look(id: string): Promise<void> {
    const { evaluations, knex } = this.#o;
    const open = await knex<ResultRow>('evals_results')
      .where({ evaluation_id: id })
      .whereNot({ state: 'done' })
      .first('case_id');
    const now = performance.now();
    if (open) {
      if (
        now - (this.#countedAt.get(id) ?? -Infinity) <
        COUNT_AT_MOST_EVERY_MS
      ) {
        return;
      }
      this.#countedAt.set(id, now);
      await evaluations.count(id);
      return;
    }
    this.#countedAt.delete(id);
    const evaluation = await evaluations.get(id);
    if (evaluation.status !== 'running') {
      await evaluations.count(id);
      return;
    }
    await this.#judgeConsistency(evaluation);
    await evaluations.count(id);
    const isFirst = await evaluations.end(id, {
      status: 'completed',
      ...(await this.#figures(id)),
    });
    if (isFirst) {
      await this.#o.onEnd(toEvaluation(await evaluations.get(id)));
    }
  }

  /** Those that were through when the process that asked the last question stopped. */
  async lookAtRunning(): Promise<void> {
    const ids: string[] = await this.#o
      .knex('evals_evaluations')
      .where({ status: 'running' })
      .orderBy('created_at')
      .limit(100)
      .pluck('id');
    // One that fails does not hold up those behind it.
    const ends = [];
    for (const id of ids) {
      ends.push(...(await Promise.allSettled([this.look(id)])));
    }
    const failed = ends.find(end => end.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
  }

  /** Whether answers of all trials agree is known when the last is there. */
  async #judgeConsistency(evaluation: EvaluationRow): Promise<void> {
    const { dataSets, evaluations, knex, workers } = this.#o;
    const cases = await dataSets.casesOf(
      evaluation.data_set_id,
      evaluation.data_set_version,
    );
    for (const { item } of cases) {
      const check = item.checks?.find(
        ({ evaluator }: NonNullable<EvalCase['checks']>[number]) =>
          evaluator === 'consistency',
      );
      if (!check) {
        continue;
      }
      const rows = (
        await evaluations.resultsOf(evaluation.id, [item.id])
      ).filter(row =>
        checksOf(row).some(({ evaluator }) => evaluator === 'consistency'),
      );
      const said = await workers
        .run(
          {
            kind: 'consistency',
            answers: rows.map(({ answer }) => answer ?? ''),
            ...(check.atLeast !== undefined && { atLeast: check.atLeast }),
          },
          evaluation.agent_ref,
        )
        .catch((error): Opinion => {
          // Tried again it would take as long, and the evaluation would never end.
          if (error instanceof WorkerLimitError) {
            return { outcome: 'incomplete', reason: error.message };
          }
          throw error;
        });
      for (const row of rows) {
        const checks: CheckResult[] = checksOf(row).map(each =>
          each.evaluator === 'consistency'
            ? { evaluator: 'consistency', ...said }
            : each,
        );
        await knex<ResultRow>('evals_results')
          .where({
            evaluation_id: evaluation.id,
            case_id: row.case_id,
            trial: row.trial,
          })
          .update({
            checks: JSON.stringify(checks),
            outcome: outcomeOf(checks),
          });
      }
    }
  }

  async #figures(
    id: string,
  ): Promise<
    Pick<
      EvaluationRow,
      'latency_p50' | 'latency_p95' | 'cost_nano_usd' | 'evaluators'
    >
  > {
    const { knex } = this.#o;
    const latencies: number[] = [];
    let cost = 0;
    const evaluators = new Map<
      string,
      NonNullable<Evaluation['evaluators']>[number]
    >();
    for (let offset = 0; ; offset += PAGE) {
      const rows = await knex<ResultRow>('evals_results')
        .select('latency_ms', 'cost_nano_usd', 'checks', 'outcome')
        .where({ evaluation_id: id })
        .orderBy([{ column: 'case_id' }, { column: 'trial' }])
        .limit(PAGE)
        .offset(offset);
      for (const row of rows) {
        cost += Number(row.cost_nano_usd);
        if (row.outcome !== 'incomplete') {
          latencies.push(Number(row.latency_ms));
        }
        for (const { evaluator, outcome } of checksOf(row)) {
          const counts = evaluators.get(evaluator) ?? {
            evaluator,
            passed: 0,
            failed: 0,
            incomplete: 0,
          };
          counts[outcome] += 1;
          evaluators.set(evaluator, counts);
        }
      }
      if (rows.length < PAGE) {
        break;
      }
    }
    latencies.sort((a, b) => a - b);
    const quantile = (share: number) =>
      latencies.length
        ? latencies[Math.ceil(share * latencies.length) - 1]
        : null;
    return {
      latency_p50: quantile(0.5),
      latency_p95: quantile(0.95),
      cost_nano_usd: cost,
      evaluators: JSON.stringify([...evaluators.values()]),
    };
  }
}

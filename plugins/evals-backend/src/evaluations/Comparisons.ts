import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type {
  ComparedCaseList,
  ComparedCasesQuery,
  Comparison,
} from '@agentportal/plugin-evals-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { z } from 'zod/v4';
import type { EvalsWorkers } from '../judging/EvalsWorkers';
import type { ComparedRows } from './compareRows';
import type { Evaluations } from './Evaluations';
import type { EvaluationStore } from './EvaluationStore';
import {
  type EvaluationRow,
  outcomeOfTrials,
  type ResultRow,
  toEvaluation,
  toTrial,
} from './rows';

const DEFAULT_LIMIT = 25;

/** Compares evaluations of the same cases. */
export class Comparisons {
  readonly #evaluations: Evaluations;
  readonly #store: EvaluationStore;
  readonly #workers: EvalsWorkers;
  /** Of those that have ended, which change no more. */
  readonly #known = new LRUCache<string, Promise<ComparedRows>>({ max: 50 });

  constructor(options: {
    evaluations: Evaluations;
    store: EvaluationStore;
    workers: EvalsWorkers;
  }) {
    this.#evaluations = options.evaluations;
    this.#store = options.store;
    this.#workers = options.workers;
  }

  async compare(
    credentials: BackstageCredentials,
    id: string,
    baselineId: string,
  ): Promise<Comparison> {
    const [candidate, baseline] = await this.#both(credentials, id, baselineId);
    const compared = await this.#compared(candidate, baseline);
    const { verdict, metrics, pairs, unpaired } = compared;
    const count = (change: string) =>
      pairs.filter(each => each.change === change).length;
    return {
      baseline: toEvaluation(baseline),
      candidate: toEvaluation(candidate),
      verdict,
      metrics,
      cases: {
        paired: pairs.length,
        worse: count('worse'),
        better: count('better'),
        same: count('same'),
        unpaired,
      },
    };
  }

  /** The paired cases; two queries for a page, however many cases there are. */
  async listCases(
    credentials: BackstageCredentials,
    id: string,
    { baselineId, change, limit = DEFAULT_LIMIT, cursor }: ComparedCasesQuery,
  ): Promise<ComparedCaseList> {
    const [candidate, baseline] = await this.#both(credentials, id, baselineId);
    const { pairs } = await this.#compared(candidate, baseline);
    const offset = decodeCursor(cursor, z.number().int().min(0)) ?? 0;
    const wanted = change
      ? pairs.filter(each => each.change === change)
      : pairs;
    const page = wanted.slice(offset, offset + limit);
    const ids = page.map(({ caseId }) => caseId);
    const [before, after] = await Promise.all([
      this.#store.resultsOf(baselineId, ids),
      this.#store.resultsOf(id, ids),
    ]);
    const shownOf = (rows: ResultRow[], caseId: string) =>
      trialShown(rows.filter(row => row.case_id === caseId));
    return {
      items: page.map(({ caseId, change: became }) => ({
        caseId,
        ask: after.find(row => row.case_id === caseId)?.ask ?? '',
        change: became,
        baseline: toTrial(shownOf(before, caseId)),
        candidate: toTrial(shownOf(after, caseId)),
      })),
      ...(wanted.length > offset + limit && {
        nextCursor: encodeCursor(offset + limit),
      }),
    };
  }

  async #both(
    credentials: BackstageCredentials,
    id: string,
    baselineId: string,
  ): Promise<[EvaluationRow, EvaluationRow]> {
    const candidate = await this.#evaluations.readable(credentials, id);
    const baseline = await this.#evaluations.readable(credentials, baselineId);
    if (
      candidate.agent_ref !== baseline.agent_ref ||
      candidate.data_set_id !== baseline.data_set_id
    ) {
      throw new InputError('Compare evaluations of one agent on one data set.');
    }
    return [candidate, baseline];
  }

  #compared(
    candidate: EvaluationRow,
    baseline: EvaluationRow,
  ): Promise<ComparedRows> {
    const both = [candidate, baseline];
    // One that somebody stopped was looked at before all were in.
    const isWhole = both.every(({ status }) => status === 'completed');
    const key = `${candidate.id} ${baseline.id}`;
    const known = this.#known.get(key);
    if (known) {
      return known;
    }
    const compared = this.#compare(candidate, baseline, isWhole);
    if (both.every(({ status }) => status !== 'running')) {
      this.#known.set(key, compared);
      compared.catch(() => this.#known.delete(key));
    }
    return compared;
  }

  async #compare(
    candidate: EvaluationRow,
    baseline: EvaluationRow,
    isWhole: boolean,
  ): Promise<ComparedRows> {
    const [before, after] = await Promise.all([
      this.#store.comparedRows(baseline.id),
      this.#store.comparedRows(candidate.id),
    ]);
    return this.#workers.run(
      { kind: 'compare', baseline: before, candidate: after, isWhole },
      candidate.agent_ref,
    );
  }
}

/** The trial that made the case what it is. */
function trialShown(trials: ResultRow[]): ResultRow {
  const outcome = outcomeOfTrials(trials.map(each => each.outcome));
  return trials.find(each => each.outcome === outcome) ?? trials[0];
}

import {
  databaseTime,
  decodeCursor,
  encodeCursor,
  readPage,
} from '@agentportal/plugin-agents-node';
import type {
  CaseOutcome,
  CaseResultList,
} from '@agentportal/plugin-evals-common';
import { NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { ERASED } from '../store/erased';
import { z } from 'zod/v4';
import {
  type EvaluationRow,
  outcomeOfTrials,
  type ResultRow,
  toTrial,
} from './rows';

const ROWS_AT_ONCE = 50;
/** Evaluations of the same that a gate looks at. */
const MOST_POOLED = 100;
const positionSchema = z.tuple([z.number().int(), z.string().max(100)]);

/** What of a result a comparison needs. */
export type ComparedRow = Pick<
  ResultRow,
  | 'case_id'
  | 'trial'
  | 'position'
  | 'case_digest'
  | 'outcome'
  | 'latency_ms'
  | 'cost_nano_usd'
  | 'call_count'
>;

/** The outcome of a case, of those of its trials. */
const CASE_OUTCOME = `case
  when sum(case when outcome = 'failed' then 1 else 0 end) > 0 then 'failed'
  when sum(case when outcome is null then 1 else 0 end) > 0 then 'waiting'
  when sum(case when outcome = 'incomplete' then 1 else 0 end) > 0 then 'incomplete'
  else 'passed' end`;

/** Reads and writes evaluations and their results. */
export class EvaluationStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Writes an evaluation with all its questions, so that there is never half of one. */
  async create(
    evaluations: Array<{
      row: EvaluationRow;
      questions: Array<
        Pick<
          ResultRow,
          'case_id' | 'trial' | 'position' | 'case_digest' | 'ask'
        >
      >;
    }>,
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      for (const { row, questions } of evaluations) {
        await tx<EvaluationRow>('evals_evaluations').insert(row);
        for (let i = 0; i < questions.length; i += ROWS_AT_ONCE) {
          await tx<ResultRow>('evals_results').insert(
            questions.slice(i, i + ROWS_AT_ONCE).map(question => ({
              evaluation_id: row.id,
              ...question,
              state: 'waiting',
              until: 0,
              attempts: 0,
              turn: 0,
              call_count: 0,
              latency_ms: 0,
              cost_nano_usd: 0,
            })),
          );
        }
      }
    });
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<EvaluationRow> {
    const row = await this.#knex<EvaluationRow>('evals_evaluations')
      .where({ id })
      .first();
    if (!row) {
      throw new NotFoundError(`There is no evaluation ${id}.`);
    }
    return row;
  }

  async list(
    filter: { agentRefs?: string[]; dataSetId?: string },
    page: { limit: number; cursor?: string },
  ): Promise<{ rows: EvaluationRow[]; nextCursor?: string }> {
    const select = this.#knex('evals_evaluations').select('*');
    if (filter.agentRefs) {
      select.whereIn('agent_ref', filter.agentRefs);
    }
    if (filter.dataSetId) {
      select.andWhere('data_set_id', filter.dataSetId);
    }
    return readPage<EvaluationRow>(select, 'created_at', page);
  }

  /** Takes the name of a person from what they began; what goes on needs it until its end. */
  async erase(person: string): Promise<number> {
    return this.#knex('evals_evaluations')
      .where({ created_by: person })
      .whereNot({ status: 'running' })
      .update({ created_by: ERASED });
  }

  /** All agents that have one. */
  agentRefs(): Promise<string[]> {
    return this.#knex('evals_evaluations')
      .distinct('agent_ref')
      .pluck('agent_ref');
  }

  /** How many of an agent are under way. */
  async running(agentRef: string): Promise<number> {
    const [{ count }] = await this.#knex('evals_evaluations')
      .where({ agent_ref: agentRef, status: 'running' })
      .count({ count: '*' });
    return Number(count);
  }

  /** The newest of a subject, whole and of all cases of a data set, if there is one. */
  async newestOf(
    of: Pick<EvaluationRow, 'agent_ref' | 'subject_digest'> &
      Partial<
        Pick<EvaluationRow, 'data_set_id' | 'data_set_version' | 'trials'>
      >,
    statuses: EvaluationRow['status'][],
    since = 0,
  ): Promise<EvaluationRow | undefined> {
    return this.#knex<EvaluationRow>('evals_evaluations')
      .where(of)
      .whereIn('status', statuses)
      .andWhere('created_at', '>=', since)
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .first();
  }

  /** What became of each case, in the order of the cases. */
  async listResults(
    id: string,
    outcome: CaseOutcome | undefined,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<CaseResultList> {
    const after = decodeCursor(cursor, positionSchema);
    const select = this.#knex('evals_results')
      .select('position', 'case_id')
      .where('evaluation_id', id)
      .groupBy('position', 'case_id')
      .orderBy([{ column: 'position' }, { column: 'case_id' }])
      .limit(limit + 1);
    if (outcome) {
      select.havingRaw(`${CASE_OUTCOME} = ?`, [outcome]);
    }
    if (after) {
      select.andWhere(place =>
        place
          .where('position', '>', after[0])
          .orWhere(tie =>
            tie.where('position', after[0]).andWhere('case_id', '>', after[1]),
          ),
      );
    }
    const found: Array<{ position: number; case_id: string }> = await select;
    const shown = found.slice(0, limit);
    const rows = await this.resultsOf(
      id,
      shown.map(each => each.case_id),
    );
    const last = shown.at(-1);
    return {
      items: shown.map(({ case_id: caseId }) => {
        const trials = rows.filter(row => row.case_id === caseId);
        return {
          caseId,
          ask: trials[0].ask,
          outcome: outcomeOfTrials(trials.map(row => row.outcome)),
          trials: trials.map(toTrial),
        };
      }),
      ...(found.length > limit &&
        last && { nextCursor: encodeCursor([last.position, last.case_id]) }),
    };
  }

  /** All trials of some cases. */
  async resultsOf(id: string, caseIds: string[]): Promise<ResultRow[]> {
    return this.#knex<ResultRow>('evals_results')
      .where('evaluation_id', id)
      .whereIn('case_id', caseIds)
      .orderBy([{ column: 'position' }, { column: 'trial' }]);
  }

  /** What a comparison needs of all results, without their texts. */
  async comparedRows(id: string): Promise<ComparedRow[]> {
    return this.#knex('evals_results')
      .select(
        'case_id',
        'trial',
        'position',
        'case_digest',
        'outcome',
        'latency_ms',
        'cost_nano_usd',
        'call_count',
      )
      .where('evaluation_id', id)
      .orderBy([{ column: 'position' }, { column: 'trial' }]);
  }

  /** Ends one that is under way; what is not done then is not asked any more. */
  async end(
    id: string,
    values: Partial<EvaluationRow> & Pick<EvaluationRow, 'status'>,
  ): Promise<boolean> {
    const ended = await this.#knex<EvaluationRow>('evals_evaluations')
      .where({ id, status: 'running' })
      .update({ completed_at: Date.now(), ...values });
    return ended > 0;
  }

  /** Notes that there was no room for a question; true once that has been so for a while without a break. */
  async isStuck(id: string, forMs: number): Promise<boolean> {
    const knex = this.#knex;
    await knex('evals_evaluations')
      .where({ id })
      .whereNull('stuck_since')
      .update({ stuck_since: databaseTime(knex) });
    return Boolean(
      await knex('evals_evaluations')
        .where({ id })
        .andWhere('stuck_since', '<=', databaseTime(knex, -forMs))
        .first('id'),
    );
  }

  /** Notes that a question could be asked again. */
  async goesOn(id: string): Promise<void> {
    await this.#knex('evals_evaluations')
      .where({ id })
      .update({ stuck_since: null });
  }

  /**
   * How each case came out in all evaluations of one subject on one version of a data set that have ended, also
   * those that somebody stopped: whoever evaluates until it goes well has all of them counted.
   *
   * @returns the cases that were right, each as the mean over the evaluations that tell, and how many evaluations
   */
  async pooled(
    of: Pick<
      EvaluationRow,
      'agent_ref' | 'subject_digest' | 'data_set_id' | 'data_set_version'
    >,
    since: number,
  ): Promise<{ right: number; evaluations: number }> {
    const knex = this.#knex;
    const ids: string[] = await knex('evals_evaluations')
      .where(of)
      .whereNot({ status: 'running' })
      .andWhere('created_at', '>=', since)
      .orderBy('created_at', 'desc')
      .limit(MOST_POOLED)
      .pluck('id');
    const outcomes = knex('evals_results')
      .select('case_id', knex.raw(`${CASE_OUTCOME} as outcome`))
      .whereIn('evaluation_id', ids)
      .groupBy('evaluation_id', 'case_id')
      .as('of_evaluations');
    // What a judge could not tell in one may be told in another; where none tells, it is not right.
    const shares = knex
      .from(outcomes)
      .select('case_id')
      .select(
        knex.raw(`1.0 * sum(case when outcome = 'passed' then 1 else 0 end)
          / nullif(sum(case when outcome in ('passed', 'failed') then 1 else 0 end), 0) as share`),
      )
      .groupBy('case_id')
      .as('of_cases');
    const row = ids.length
      ? await knex.from(shares).sum({ right: 'share' }).first()
      : undefined;
    return { right: Number(row?.right ?? 0), evaluations: ids.length };
  }

  /** Writes how many cases came to what, counted and not added, so that none counts twice. */
  async count(id: string): Promise<{ waiting: number }> {
    const rows: Array<{ outcome: CaseOutcome; count: number | string }> =
      await this.#knex
        .from(
          this.#knex('evals_results')
            .select(this.#knex.raw(`${CASE_OUTCOME} as outcome`))
            // A trial that waits is told, though another one has failed.
            .where('evaluation_id', id)
            .groupBy('case_id')
            .as('of_cases'),
        )
        .select('outcome')
        .count({ count: '*' })
        .groupBy('outcome');
    const of = (outcome: CaseOutcome) =>
      Number(rows.find(row => row.outcome === outcome)?.count ?? 0);
    await this.#knex<EvaluationRow>('evals_evaluations')
      .where({ id })
      .update({
        passed: of('passed'),
        failed: of('failed'),
        incomplete: of('incomplete'),
        waiting: of('waiting'),
      });
    const [{ open }] = await this.#knex('evals_results')
      .where({ evaluation_id: id })
      .whereNot({ state: 'done' })
      .count({ open: '*' });
    return { waiting: Number(open) };
  }

  /**
   * Deletes evaluations that are older, but for the newest of each agent and data set.
   *
   * @returns how many
   */
  async clean(before: number, signal?: AbortSignal): Promise<number> {
    const knex = this.#knex;
    let deleted = 0;
    for (;;) {
      const ids: string[] = await knex('evals_evaluations as old')
        .where('old.created_at', '<', before)
        .whereNot('old.status', 'running')
        .whereExists(
          knex('evals_evaluations as newer')
            .select(knex.raw('1'))
            .whereRaw('newer.data_set_id = old.data_set_id')
            .andWhereRaw('newer.agent_ref = old.agent_ref')
            .andWhereRaw('newer.created_at > old.created_at'),
        )
        .limit(20)
        .pluck('old.id');
      if (!ids.length || signal?.aborted) {
        return deleted;
      }
      await knex.transaction(async tx => {
        await tx('evals_results').whereIn('evaluation_id', ids).delete();
        await tx('evals_evaluations').whereIn('id', ids).delete();
      });
      deleted += ids.length;
    }
  }
}

import { databaseTime } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { ResultRow } from './rows';

/** Longer than a process stands still when the machine is busy. */
const LEASE_MS = 60_000;

type Key = Pick<ResultRow, 'evaluation_id' | 'case_id' | 'trial'>;

/**
 * Questions that wait to be asked, and who asks which. Whoever holds one keeps it while
 * they renew it; what is written for one that somebody else holds by then changes nothing.
 */
export class Questions {
  readonly #knex: Knex;
  readonly #holder: string;

  constructor(options: { knex: Knex; holder: string }) {
    this.#knex = options.knex;
    this.#holder = options.holder;
  }

  /**
   * Takes one that waits, or whose holder has gone: of all evaluations in turn, the one that is
   * furthest behind first, so that nobody waits until thousands of another one are through.
   */
  async take(): Promise<ResultRow | undefined> {
    const now = databaseTime(this.#knex);
    const candidates: ResultRow[] = await this.#knex('evals_results as result')
      .join(
        'evals_evaluations as evaluation',
        'evaluation.id',
        'result.evaluation_id',
      )
      .select('result.*')
      .where('evaluation.status', 'running')
      .whereIn('result.state', ['waiting', 'held'])
      .andWhere('result.until', '<=', now)
      .orderBy([
        { column: 'result.trial' },
        { column: 'result.position' },
        { column: 'evaluation.created_at' },
        { column: 'evaluation.id' },
      ])
      .limit(10);
    for (const row of candidates) {
      const taken = await this.#knex<ResultRow>('evals_results')
        .where(keyOf(row))
        .andWhere({ state: row.state, until: row.until })
        .update({
          state: 'held',
          holder: this.#holder,
          until: databaseTime(this.#knex, LEASE_MS) as never,
        });
      if (taken) {
        return { ...row, state: 'held', holder: this.#holder };
      }
    }
    return undefined;
  }

  /** Keeps what is held here. */
  async renew(): Promise<void> {
    await this.#knex<ResultRow>('evals_results')
      .where({ state: 'held', holder: this.#holder })
      .update({ until: databaseTime(this.#knex, LEASE_MS) as never });
  }

  /**
   * Writes down how far one has come.
   *
   * @returns whether it is still held here
   */
  async note(row: Key, values: Partial<ResultRow>): Promise<boolean> {
    return this.#held(row, values);
  }

  /** Writes what one came to; counted once, whoever else tries. */
  async finish(row: Key, values: Partial<ResultRow>): Promise<boolean> {
    return this.#held(row, {
      ...values,
      state: 'done',
      holder: null,
    });
  }

  /** Gives one back, to be asked after a while. */
  async putBack(row: Key, afterMs: number, attempts: number): Promise<void> {
    await this.#held(row, {
      state: 'waiting',
      holder: null,
      attempts,
      until: databaseTime(this.#knex, afterMs) as never,
    });
  }

  /** Gives all back that are held here, for another replica to go on with. */
  async letGo(): Promise<void> {
    await this.#knex<ResultRow>('evals_results')
      .where({ state: 'held', holder: this.#holder })
      .update({ state: 'waiting', holder: null, until: 0 });
  }

  async #held(row: Key, values: Partial<ResultRow>): Promise<boolean> {
    const written = await this.#knex<ResultRow>('evals_results')
      .where(keyOf(row))
      .andWhere({ state: 'held', holder: this.#holder })
      .update(values);
    return written > 0;
  }
}

export function keyOf({ evaluation_id, case_id, trial }: Key): Key {
  return { evaluation_id, case_id, trial };
}

import type { Knex } from 'knex';
import { DAY_MS, type Retention } from '../config';

/** Runs that are thinned out or deleted in one go, so that no lock is long. */
const BATCH = 200;

/** Deletes what has been kept long enough. */
export class RetentionStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Goes on until nothing is left to delete, or the signal is aborted. */
  async clean(
    retention: Retention,
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    const untilNone = async (batch: () => Promise<number>) => {
      while (!signal.aborted && (await batch()) === BATCH) {
        // The next batch.
      }
    };
    await untilNone(() => this.#deleteRuns(now - retention.runs));
    await untilNone(() => this.#deleteSteps(now - retention.steps));
    await untilNone(() => this.#deleteEvents(now - retention.events));
    await this.#knex('orchestration_daily_stats')
      .where('day', '<', Math.floor((now - retention.stats) / DAY_MS))
      .delete();
  }

  /** Steps, events and messages of a run go with it. */
  async #deleteRuns(before: number): Promise<number> {
    const rows = await this.#knex('orchestration_runs')
      .select('id', 'thread_id')
      .where('finished_at', '<', before)
      .limit(BATCH);
    const threads = [...new Set(rows.map(row => row.thread_id as string))];
    await this.#knex.transaction(async tx => {
      // Whoever continues one of them meanwhile waits, or is waited for.
      await tx('orchestration_threads')
        .whereIn('id', threads)
        .select('id')
        .orderBy('id')
        .forUpdate();
      await tx('orchestration_runs')
        .whereIn(
          'id',
          rows.map(row => row.id),
        )
        .delete();
      const left = tx('orchestration_runs')
        .count('*')
        .where('thread_id', tx.ref('orchestration_threads.id'));
      await tx('orchestration_threads')
        .whereIn('id', threads)
        .update({ run_count: left });
      await tx('orchestration_threads')
        .whereIn('id', threads)
        .andWhere('run_count', 0)
        .delete();
    });
    return rows.length;
  }

  /** The answer stays, and what was asked, used and paid. */
  async #deleteSteps(before: number): Promise<number> {
    return this.#thin(2, before, async (tx, ids) => {
      await tx('orchestration_steps').whereIn('run_id', ids).delete();
      await tx('orchestration_messages').whereIn('run_id', ids).delete();
      await deleteEvents(tx, ids);
    });
  }

  async #deleteEvents(before: number): Promise<number> {
    return this.#thin(1, before, deleteEvents);
  }

  async #thin(
    to: 1 | 2,
    before: number,
    remove: (tx: Knex.Transaction, ids: string[]) => Promise<void>,
  ): Promise<number> {
    const rows = await this.#knex('orchestration_runs')
      .select('id')
      .where('thinned', '<', to)
      .andWhere('finished_at', '<', before)
      .limit(BATCH);
    const ids = rows.map(row => row.id as string);
    await this.#knex.transaction(async tx => {
      await remove(tx, ids);
      await tx('orchestration_runs').whereIn('id', ids).update({ thinned: to });
    });
    return ids.length;
  }
}

/** The last event stays, so that whoever follows the run hears how it ended. */
async function deleteEvents(tx: Knex.Transaction, ids: string[]) {
  await tx('orchestration_events')
    .whereIn('run_id', ids)
    .andWhere(
      'seq',
      '<',
      tx('orchestration_events as later')
        .max('later.seq')
        .where('later.run_id', tx.ref('orchestration_events.run_id')),
    )
    .delete();
}

import { FINAL_RUN_STATUSES } from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { DAY_MS, type Retention } from '../config';

/** Runs that are thinned out or deleted in one go, so that no lock is long. */
const BATCH = 200;

/** Without events, or without steps and messages too. */
type Thinned = 1 | 2;

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
    const { events, runs, steps, stats, perAgent } = retention;
    const untilNone = async (batch: () => Promise<number>) => {
      while (!signal.aborted && (await batch()) === BATCH) {
        // The next batch.
      }
    };
    const old = (ageMs: number) =>
      this.#runs().where('finished_at', '<', now - ageMs);
    const thick = (to: Thinned, ageMs: number) =>
      old(ageMs).andWhere('thinned', '<', to);
    await untilNone(() => this.#deleteRuns(old(runs)));
    await untilNone(() => this.#thin(2, thick(2, steps)));
    await untilNone(() => this.#thin(1, thick(1, events)));
    for await (const agentRef of this.#agents()) {
      // Evaluations of an agent must not push its work out.
      for (const isRehearsal of [false, true]) {
        const beyond = (most: number) =>
          this.#runs()
            .where({ agent_ref: agentRef, is_rehearsal: isRehearsal })
            .orderBy([
              { column: 'created_at', order: 'desc' },
              { column: 'id', order: 'desc' },
            ])
            .offset(most);
        const thickBeyond = (to: Thinned, most: number) =>
          beyond(most)
            // As the index says it.
            .whereRaw('finished_at is not null and thinned < 2')
            .andWhere('thinned', '<', to);
        await untilNone(() =>
          this.#deleteRuns(
            beyond(perAgent.runs).whereIn('status', FINAL_RUN_STATUSES),
          ),
        );
        await untilNone(() => this.#thin(2, thickBeyond(2, perAgent.steps)));
        await untilNone(() => this.#thin(1, thickBeyond(1, perAgent.events)));
      }
    }
    await this.#knex('orchestration_daily_stats')
      .where('day', '<', Math.floor((now - stats) / DAY_MS))
      .delete();
  }

  #runs(): Knex.QueryBuilder {
    return this.#knex('orchestration_runs').limit(BATCH);
  }

  /** Agents that have runs, each found by where the one before it ends in the index. */
  async *#agents(): AsyncGenerator<string> {
    let last = '';
    for (;;) {
      const next = await this.#knex('orchestration_runs')
        .where('agent_ref', '>', last)
        .orderBy('agent_ref')
        .first('agent_ref');
      if (!next) {
        return;
      }
      last = next.agent_ref;
      yield last;
    }
  }

  /** Steps, events and messages of a run go with it. */
  async #deleteRuns(runs: Knex.QueryBuilder): Promise<number> {
    const rows: Array<{ id: string; thread_id: string }> = await runs.select(
      'id',
      'thread_id',
    );
    const threads = [...new Set(rows.map(row => row.thread_id))];
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

  /**
   * Events go first. With steps and messages nothing stays but the answer, and what was asked,
   * used and paid.
   */
  async #thin(to: Thinned, runs: Knex.QueryBuilder): Promise<number> {
    const rows: Array<{ id: string }> = await runs.select('id');
    const ids = rows.map(({ id }) => id);
    await this.#knex.transaction(async tx => {
      if (to === 2) {
        await tx('orchestration_steps').whereIn('run_id', ids).delete();
        await tx('orchestration_messages').whereIn('run_id', ids).delete();
      }
      await deleteEvents(tx, ids);
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

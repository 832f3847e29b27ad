import type {
  NumberedRunEvent,
  RunEvent,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';

/** Events and steps of runs, as rows. */
export class JournalStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): JournalStore {
    return new JournalStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Writes events under consecutive numbers from `firstSeq`. Throws when a
   * number is taken: somebody else has ended the run meanwhile.
   */
  async append(
    runId: string,
    firstSeq: number,
    events: RunEvent[],
  ): Promise<void> {
    await this.#knex('orchestration_events').insert(
      events.map((event, i) => ({
        run_id: runId,
        seq: firstSeq + i,
        event: JSON.stringify(event),
      })),
    );
  }

  /** Events after a number, in order, at most `limit` of them. */
  async readAfter(
    runId: string,
    seq: number,
    limit = 500,
  ): Promise<NumberedRunEvent[]> {
    const rows = await this.#knex('orchestration_events')
      .where('run_id', runId)
      .andWhere('seq', '>', seq)
      .orderBy('seq')
      .limit(limit);
    return rows.map(row => ({
      id: String(row.seq),
      event: JSON.parse(row.event) as RunEvent,
    }));
  }

  /** Writes a step, or writes it anew when it has changed. */
  async putStep(runId: string, step: RunStep): Promise<void> {
    await this.#knex('orchestration_steps')
      .insert({
        id: step.id,
        run_id: runId,
        step_index: step.index,
        status: step.status,
        step: JSON.stringify(step),
      })
      .onConflict('id')
      .merge(['status', 'step']);
  }

  /** All steps of a run, in order. */
  async listSteps(runId: string): Promise<RunStep[]> {
    const rows = await this.#knex('orchestration_steps')
      .where('run_id', runId)
      .orderBy('step_index');
    return rows.map(row => JSON.parse(row.step) as RunStep);
  }
}

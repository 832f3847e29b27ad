import type {
  NumberedRunEvent,
  RunMessage,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import {
  messagesOfEvent,
  messagesOfStep,
  resolveEvent,
  resolveStep,
  stepIdOfEvent,
  type StoredEvent,
  type StoredStep,
} from './references';

/** Where the writing of a run goes on. */
export interface JournalPosition {
  seq: number;
  step: number;
  message: number;
}

/** Events, steps and messages of runs, as rows. */
export class JournalStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The numbers that come next in a run; 1, 0 and 0 in a new one. */
  async position(runId: string): Promise<JournalPosition> {
    const next = async (table: string, column: string, first: number) => {
      const row = await this.#knex(table)
        .where('run_id', runId)
        .max({ last: column })
        .first();
      return row?.last === null || row?.last === undefined
        ? first
        : Number(row.last) + 1;
    };
    const [seq, step, message] = await Promise.all([
      next('orchestration_events', 'seq', 1),
      next('orchestration_steps', 'step_index', 0),
      next('orchestration_messages', 'seq', 0),
    ]);
    return { seq, step, message };
  }

  /**
   * Writes events under consecutive numbers from `firstSeq`. Throws when a
   * number is taken: somebody else has ended the run meanwhile.
   */
  async append(
    runId: string,
    firstSeq: number,
    events: StoredEvent[],
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
    const rows = (await this.#knex('orchestration_events')
      .where('run_id', runId)
      .andWhere('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)) as Array<{ seq: number; event: string }>;
    const events = rows.map(row => ({
      id: String(row.seq),
      event: JSON.parse(row.event) as StoredEvent,
    }));
    const ids = events.flatMap(({ event }) => stepIdOfEvent(event) ?? []);
    const stored = ids.length
      ? await this.#steps(runId).whereIn('id', ids)
      : [];
    const steps = stored.map(row => JSON.parse(row.step) as StoredStep);
    const messages = await this.#messages(runId, [
      ...events.flatMap(({ event }) => messagesOfEvent(event)),
      ...steps.flatMap(messagesOfStep),
    ]);
    const byId = new Map(
      steps.map(step => [step.id, resolveStep(step, messages)]),
    );
    return events.flatMap(({ id, event }) => {
      const resolved = resolveEvent(event, byId, messages);
      return resolved ? [{ id, event: resolved }] : [];
    });
  }

  /** Writes a step, or writes it anew when it has changed. */
  async putStep(runId: string, step: StoredStep): Promise<void> {
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

  /** Writes messages that steps and events then refer to. */
  async putMessages(runId: string, messages: RunMessage[]): Promise<void> {
    await this.#knex('orchestration_messages').insert(
      messages.map(({ id, ...message }) => ({
        run_id: runId,
        seq: id,
        message: JSON.stringify(message),
      })),
    );
  }

  /** All steps and messages of a run, in order. */
  async readSteps(
    runId: string,
  ): Promise<{ steps: RunStep[]; messages: RunMessage[] }> {
    const [rows, messages] = await Promise.all([
      this.#steps(runId).orderBy('step_index'),
      this.#messages(runId),
    ]);
    return {
      steps: rows.map(row =>
        resolveStep(JSON.parse(row.step) as StoredStep, messages),
      ),
      messages: [...messages.values()],
    };
  }

  #steps(runId: string) {
    return this.#knex<{ id: string; run_id: string; step: string }>(
      'orchestration_steps',
    ).where('run_id', runId);
  }

  async #messages(
    runId: string,
    numbers?: number[],
  ): Promise<Map<number, RunMessage>> {
    if (numbers?.length === 0) {
      return new Map();
    }
    const rows = (await this.#knex('orchestration_messages')
      .where('run_id', runId)
      .modify(select => {
        if (numbers) {
          select.whereIn('seq', [...new Set(numbers)]);
        }
      })
      .orderBy('seq')) as Array<{ seq: number; message: string }>;
    return new Map(
      rows.map(row => [row.seq, { id: row.seq, ...JSON.parse(row.message) }]),
    );
  }
}

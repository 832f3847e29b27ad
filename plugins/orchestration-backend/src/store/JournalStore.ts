import { nameToldSecrets } from '@agentportal/guard';
import type {
  NumberedRunEvent,
  RunMessage,
  RunStep,
  RunUsage,
} from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { stepCut } from '../execution/RunFailure';
import { groupCommit } from './groupCommit';
import {
  messagesOfEvent,
  messagesOfStep,
  resolveEvent,
  resolveStep,
  stepIdOfEvent,
  type StoredEvent,
  type StoredStep,
} from './references';
import { requireClaim } from './requireClaim';
import { usageColumns } from './rows';

/** Where the writing of a run goes on. */
export interface JournalPosition {
  seq: number;
  step: number;
  message: number;
}

/** A message, and the key under which it is kept once. */
export interface KeyedMessage extends RunMessage {
  key: string;
}

/** What a run did before another process went on with it. */
export interface BegunRun {
  steps: StoredStep[];
  messages: KeyedMessage[];
}

/** What is written at once. */
export interface JournalBatch {
  messages: KeyedMessage[];
  /** Those that began or changed, as they are now. */
  steps: StoredStep[];
  events: StoredEvent[];
  /** What the run has used so far; written with steps that have ended. */
  usage?: RunUsage;
}

/** More rows in one statement are more values than SQLite takes. */
const ROWS = 500;

/** Writes messages that are new and steps as they are now. */
export async function putRecord(
  tx: Knex.Transaction,
  runId: string,
  { messages, steps }: BegunRun,
): Promise<void> {
  for (let i = 0; i < messages.length; i += ROWS) {
    await tx('orchestration_messages').insert(
      messages.slice(i, i + ROWS).map(({ id, ...message }) => ({
        run_id: runId,
        seq: id,
        message: JSON.stringify(message),
      })),
    );
  }
  for (let i = 0; i < steps.length; i += ROWS) {
    await tx('orchestration_steps')
      .insert(
        steps.slice(i, i + ROWS).map(step => ({
          id: step.id,
          run_id: runId,
          step_index: step.index,
          status: step.status,
          step: JSON.stringify(step),
        })),
      )
      .onConflict('id')
      .merge(['status', 'step']);
  }
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

  /** Steps as they are stored, and messages with their keys, in order. */
  async begun(runId: string): Promise<BegunRun> {
    return {
      steps: await this.storedSteps(runId),
      messages: await this.#keyedMessages(runId),
    };
  }

  /** Steps as they are stored, in order. */
  async storedSteps(runId: string): Promise<StoredStep[]> {
    const rows = await this.#steps(runId).orderBy('step_index');
    return rows.map(row => JSON.parse(row.step) as StoredStep);
  }

  /**
   * Writes what happened, all or nothing: messages, the steps that refer to
   * them, and the events that refer to both, under consecutive numbers. So
   * nobody ever reads of something that is not there. Throws when the claim is
   * lost: somebody else has ended the run meanwhile.
   */
  async write(
    run: { id: string; fence: number },
    firstSeq: number,
    { messages, steps, events, usage }: JournalBatch,
  ): Promise<void> {
    const ended = steps.filter(({ status }) =>
      ['succeeded', 'failed'].includes(status),
    );
    await groupCommit(this.#knex, async tx => {
      const isHeld =
        usage &&
        ended.length &&
        (await tx('orchestration_runs')
          .where({ ...run, status: 'running' })
          .update({
            ...usageColumns(usage),
            // Steps that were found cut are not what this claim has done.
            ...(ended.some(({ error }) => error?.name !== stepCut().name) && {
              progress_fence: run.fence,
            }),
          }));
      if (!isHeld) {
        await requireClaim(tx, { runId: run.id, fence: run.fence }, 'no more');
      }
      await putRecord(tx, run.id, { messages, steps });
      if (events.length) {
        await tx('orchestration_events').insert(
          events.map((event, i) => ({
            run_id: run.id,
            seq: firstSeq + i,
            event: JSON.stringify(event),
          })),
        );
      }
    });
  }

  /** Events after a number, in order, at most `limit` of them, as people read them. */
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
      return resolved ? [{ id, event: nameToldSecrets(resolved) }] : [];
    });
  }

  /** All steps and messages of a run, in order, as people read them. */
  async readSteps(
    runId: string,
  ): Promise<{ steps: RunStep[]; messages: RunMessage[] }> {
    const [rows, messages] = await Promise.all([
      this.#steps(runId).orderBy('step_index'),
      this.#messages(runId),
    ]);
    return nameToldSecrets({
      steps: rows.map(row =>
        resolveStep(JSON.parse(row.step) as StoredStep, messages),
      ),
      messages: [...messages.values()],
    });
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
    const messages = await this.#keyedMessages(runId, numbers);
    return new Map(
      messages.map(({ key, ...message }) => [message.id, message]),
    );
  }

  async #keyedMessages(
    runId: string,
    numbers?: number[],
  ): Promise<KeyedMessage[]> {
    const rows = (await this.#knex('orchestration_messages')
      .where('run_id', runId)
      .modify(select => {
        if (numbers) {
          select.whereIn('seq', [...new Set(numbers)]);
        }
      })
      .orderBy('seq')) as Array<{ seq: number; message: string }>;
    return rows.map(row => ({ ...JSON.parse(row.message), id: row.seq }));
  }
}

import {
  RUN_STEP_EVENT,
  type RunError,
  type RunEvent,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import { randomUUID } from 'node:crypto';
import type { JournalStore } from '../store/JournalStore';
import { bounded } from './bounded';
import type { RunEventHub } from './RunEventHub';

/** Text is gathered this long, so that a token does not cost a row. */
const TEXT_DELAY_MS = 50;

/** What is known of a step when it begins. */
export type NewStep = Pick<RunStep, 'kind' | 'name' | 'input'> &
  Partial<Pick<RunStep, 'title' | 'parentId' | 'toolRef' | 'riskTier'>>;

/** What is known of a step when it ends. */
export type StepEnd = Partial<
  Pick<RunStep, 'output' | 'modelId' | 'modelReason' | 'usage'>
> & { error?: RunError };

/**
 * Writes what happens in one run: events in order, each under its number, and
 * steps as they begin and end. Writing goes on behind the caller's back, in
 * order; `flush` waits for it. A write that fails ends the run, because a run
 * that nobody can follow must not go on.
 */
export class RunJournal {
  readonly #runId: string;
  readonly #store: JournalStore;
  readonly #hub: RunEventHub;
  readonly #onFailure: (error: unknown) => void;
  #pending: RunEvent[] = [];
  #writes: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #nextSeq = 1;
  #nextStep = 0;
  #closed = false;

  static create(options: {
    runId: string;
    store: JournalStore;
    hub: RunEventHub;
    onFailure: (error: unknown) => void;
  }): RunJournal {
    return new RunJournal(options);
  }

  private constructor(options: {
    runId: string;
    store: JournalStore;
    hub: RunEventHub;
    onFailure: (error: unknown) => void;
  }) {
    this.#runId = options.runId;
    this.#store = options.store;
    this.#hub = options.hub;
    this.#onFailure = options.onFailure;
  }

  /** Adds an event to the stream. */
  emit(event: RunEvent): void {
    const timed = { ...event, timestamp: Date.now() } as RunEvent;
    if (timed.type !== EventType.TEXT_MESSAGE_CONTENT) {
      this.#pending.push(timed);
      this.#write();
      return;
    }
    const last = this.#pending.at(-1);
    if (
      last?.type === EventType.TEXT_MESSAGE_CONTENT &&
      last.messageId === timed.messageId
    ) {
      this.#pending[this.#pending.length - 1] = {
        ...last,
        delta: last.delta + timed.delta,
      };
    } else {
      this.#pending.push(timed);
    }
    this.#timer ??= setTimeout(() => this.#write(), TEXT_DELAY_MS);
  }

  /** Begins a step. */
  startStep(step: NewStep): RunStep {
    const started: RunStep = {
      ...step,
      input: bounded(step.input),
      id: randomUUID(),
      index: this.#nextStep,
      status: 'running',
      startedAt: new Date().toISOString(),
    };
    this.#nextStep += 1;
    this.#putStep(started);
    this.emit({ type: EventType.STEP_STARTED, stepName: stepName(started) });
    this.#emitStep(started);
    return started;
  }

  /** Ends a step: failed when the end has an error. */
  endStep(step: RunStep, end: StepEnd): RunStep {
    const now = Date.now();
    const { output, ...rest } = end;
    const ended: RunStep = {
      ...step,
      ...rest,
      ...(output === undefined ? {} : { output: bounded(output) }),
      status: end.error ? 'failed' : 'succeeded',
      finishedAt: new Date(now).toISOString(),
      durationMs: now - Date.parse(step.startedAt),
    };
    this.#putStep(ended);
    this.#emitStep(ended);
    this.emit({ type: EventType.STEP_FINISHED, stepName: stepName(ended) });
    return ended;
  }

  /** Waits until everything that was said is written. */
  async flush(): Promise<void> {
    this.#write();
    await this.#writes;
  }

  /**
   * Writes what is left and then nothing any more: calls that come back late
   * must not change a run that has ended.
   */
  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
  }

  #emitStep(step: RunStep): void {
    this.emit({
      type: EventType.CUSTOM,
      name: RUN_STEP_EVENT,
      value: { step },
    });
  }

  #putStep(step: RunStep): void {
    this.#enqueue(() => this.#store.putStep(this.#runId, step));
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#enqueue(async () => {
      // Taken here and not above: events that come while the database is busy
      // then travel together.
      const events = this.#pending.splice(0);
      if (events.length) {
        const firstSeq = this.#nextSeq;
        this.#nextSeq += events.length;
        await this.#store.append(this.#runId, firstSeq, events);
        this.#hub.notify(this.#runId);
      }
    });
  }

  #enqueue(write: () => Promise<void>): void {
    this.#writes = this.#writes.then(async () => {
      if (this.#closed) {
        return;
      }
      try {
        await write();
      } catch (error) {
        this.#closed = true;
        this.#onFailure(error);
      }
    });
  }
}

/** Names must differ among steps that are open at the same time. */
function stepName(step: RunStep): string {
  return `${step.name} #${step.index}`;
}

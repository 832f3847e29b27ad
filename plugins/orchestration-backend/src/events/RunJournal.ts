import type {
  RunError,
  RunMessage,
  RunStep,
  RunUsage,
  StepApproval,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import { randomUUID } from 'node:crypto';
import type {
  BegunRun,
  JournalPosition,
  JournalStore,
  KeyedMessage,
} from '../store/JournalStore';
import {
  type MessageRange,
  type StoredEvent,
  type StoredStep,
  toRanges,
} from '../store/references';
import { retryWrite } from '../workers/retryWrite';
import { bounded } from './bounded';
import type { RunEventFeeds } from './RunEventFeeds';

/** What happens is gathered this long, so that a token does not cost a row. */
const DELAY_MS = 50;
/** How long a write is tried while the database does not answer. */
const WRITE_WITHIN_MS = 10_000;

/** What is known of a step when it begins. */
export type NewStep = Pick<RunStep, 'kind' | 'name'> &
  Partial<
    Pick<RunStep, 'title' | 'parentId' | 'toolRef' | 'riskTier' | 'nodePath'> &
      Pick<StoredStep, 'input' | 'call'>
  > & {
    /** Numbers of the messages that the model is sent. */
    sent?: number[];
  };

/** What is known of a step when it ends. */
export type StepEnd = Partial<
  Pick<RunStep, 'hidden' | 'modelId' | 'modelReason' | 'rehearsed' | 'usage'> &
    Pick<StoredStep, 'output' | 'result'>
> & { error?: RunError };

interface RunJournalOptions {
  /** The run, as this process has claimed it. */
  run: { id: string; fence: number };
  /** Whether it may have taken steps over from a run that it repeats. */
  isFork?: boolean;
  store: JournalStore;
  feeds: RunEventFeeds;
  /** Aborted when the backend shuts down. */
  stopping: AbortSignal;
  /** Told of each step that begins or goes on. */
  onStep?: () => void;
  onFailure: (error: unknown) => void;
}

/**
 * Writes what happens in one run: messages once, events in order, each under
 * its number, and steps as they begin and end, together. Writing goes on behind the
 * caller's back, in order; `flush` waits for it. A write that fails ends the
 * run, because a run that nobody can follow must not go on.
 */
export class RunJournal {
  readonly #options: RunJournalOptions;
  readonly #next: JournalPosition;
  readonly #numbers: Map<string, number>;
  /** What another process wrote of this run, or what it began with. */
  readonly begun: BegunRun;
  /** Ids of calls, of all agents at work: providers number those of each from the start. */
  readonly callIds: Set<string>;
  /** From which message on none was told to those who follow the run. */
  #untold: number;
  #messages: KeyedMessage[] = [];
  #steps = new Map<string, StoredStep>();
  #events: StoredEvent[] = [];
  #writes: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #usage: () => RunUsage | undefined = () => undefined;

  /** Goes on after what the run has written before, if anything. */
  static async create(options: RunJournalOptions): Promise<RunJournal> {
    const { isFork, run, store } = options;
    return run.fence > 1 || isFork
      ? new RunJournal(
          options,
          await store.position(run.id),
          await store.begun(run.id),
        )
      : // A run that is claimed for the first time has done nothing.
        new RunJournal(
          options,
          { seq: 1, step: 0, message: 0 },
          { steps: [], messages: [] },
        );
  }

  private constructor(
    options: RunJournalOptions,
    next: JournalPosition,
    begun: BegunRun,
  ) {
    this.#options = options;
    this.begun = begun;
    this.callIds = new Set(begun.steps.flatMap(({ call }) => call?.id ?? []));
    this.#numbers = new Map(begun.messages.map(({ id, key }) => [key, id]));
    this.#next = next;
    this.#untold = next.message;
  }

  /** Says what the whole run has used, which is written with each step that ends. */
  countUsage(usage: () => RunUsage): void {
    this.#usage = usage;
  }

  /**
   * Keeps a message, once for each key, and gives its number in the run, by
   * which steps and events refer to it.
   */
  keep(key: string, message: () => Omit<RunMessage, 'id'>): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    const id = this.#next.message;
    this.#next.message += 1;
    this.#numbers.set(key, id);
    const { content, ...rest } = message();
    this.#messages.push({ id, key, ...rest, content: bounded(content) });
    return id;
  }

  /** Adds an event to the stream. */
  emit(event: StoredEvent): void {
    const timed = { ...event, timestamp: Date.now() } as StoredEvent;
    const last = this.#events.at(-1);
    if (
      timed.type === EventType.TEXT_MESSAGE_CONTENT &&
      last?.type === EventType.TEXT_MESSAGE_CONTENT &&
      last.messageId === timed.messageId
    ) {
      this.#events[this.#events.length - 1] = {
        ...last,
        delta: last.delta + timed.delta,
      };
    } else {
      this.#events.push(timed);
    }
    this.#timer ??= setTimeout(() => this.#write(), DELAY_MS);
  }

  /** Begins a step. */
  startStep({ sent, ...step }: NewStep): StoredStep {
    const started: StoredStep = {
      ...step,
      ...(step.input === undefined ? {} : { input: bounded(step.input) }),
      ...(sent ? { inputMessages: toRanges(sent) } : {}),
      id: randomUUID(),
      index: this.#next.step,
      status: 'running',
      startedAt: new Date().toISOString(),
    };
    this.#next.step += 1;
    this.emit({ type: EventType.STEP_STARTED, stepName: stepName(started) });
    this.#putStep(started);
    this.#options.onStep?.();
    return started;
  }

  /** Keeps what is known of a step that has not ended. */
  noteStep(step: StoredStep, output: unknown): StoredStep {
    const noted = { ...step, output: bounded(output) };
    this.#putStep(noted);
    return noted;
  }

  /** Ends a step: failed when the end has an error. */
  endStep(step: StoredStep, end: StepEnd): void {
    const now = Date.now();
    const { output, ...rest } = end;
    const ended: StoredStep = {
      ...step,
      ...rest,
      ...(output === undefined ? {} : { output: bounded(output) }),
      status: end.error ? 'failed' : 'succeeded',
      finishedAt: new Date(now).toISOString(),
      durationMs: now - Date.parse(step.startedAt),
    };
    this.#putStep(ended);
    this.emit({ type: EventType.STEP_FINISHED, stepName: stepName(ended) });
  }

  /** Puts a step aside that waits for people; another process may go on with it. */
  suspendStep(step: StoredStep, approval?: StepApproval): StoredStep {
    const waiting: StoredStep = {
      ...step,
      ...(approval && { approval }),
      status: 'waiting',
    };
    this.#putStep(waiting);
    this.emit({ type: EventType.STEP_FINISHED, stepName: stepName(waiting) });
    return waiting;
  }

  /** Goes on with a step that was put aside, or in which the process stopped. */
  resumeStep(step: StoredStep): StoredStep {
    const resumed: StoredStep = { ...step, status: 'running' };
    if (step.status === 'waiting') {
      this.emit({ type: EventType.STEP_STARTED, stepName: stepName(resumed) });
    }
    this.#putStep(resumed);
    this.#options.onStep?.();
    return resumed;
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

  #putStep(step: StoredStep): void {
    this.#steps.set(step.id, step);
    const untold: MessageRange = [this.#untold, this.#next.message - 1];
    this.#untold = this.#next.message;
    this.emit({
      type: EventType.CUSTOM,
      step: { id: step.id, status: step.status },
      ...(untold[1] < untold[0] ? {} : { messages: untold }),
    });
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writes = this.#writes.then(async () => {
      if (this.#closed) {
        return;
      }
      // Taken here and not above: what comes while the database is busy then
      // travels together, and an event never without what it refers to.
      const messages = this.#messages.splice(0);
      const steps = [...this.#steps.values()];
      this.#steps.clear();
      const events = this.#events.splice(0);
      if (!messages.length && !steps.length && !events.length) {
        return;
      }
      const { run, store, feeds, stopping, onFailure } = this.#options;
      const firstSeq = this.#next.seq;
      this.#next.seq += events.length;
      try {
        await retryWrite(
          () =>
            store.write(run, firstSeq, {
              messages,
              steps,
              events,
              usage: this.#usage(),
            }),
          { forMs: WRITE_WITHIN_MS, signal: stopping },
        );
        feeds.notify(run.id);
      } catch (error) {
        this.#closed = true;
        onFailure(error);
      }
    });
  }
}

/** Names must differ among steps that are open at the same time. */
function stepName(step: StoredStep): string {
  return `${step.name} #${step.index}`;
}

import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  InputError,
  ResponseError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditLog } from './AuditLog';
import { timeOrderedId } from './timeOrderedId';

const DEADLINE_MS = 10_000;
/** The portal may still be starting. */
const NOTE_DEADLINE_MS = 5 * 60_000;
/** How many may be in line before callers have to wait. */
const MAX_WAITING = 5_000;
/** Of one request. */
const MAX_RECORDS = 200;
const MAX_CHARACTERS = 1_000_000;
/** Requests under way at the same time. */
const SENDERS = 2;
/** How long notes gather before they are sent, unless something is waited for. */
const GATHER_MS = 250;
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;

interface Waiting {
  record: AuditRecord;
  size: number;
  isNote: boolean;
  /** Nobody waits for it any more; it may be recorded all the same. */
  isLate: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Sends records together: while a request is under way the next one gathers, and what
 * nobody waits for gathers for a moment longer. Each record has its id before it is
 * sent, so that sending it again after a broken connection records it once.
 */
export class BatchedAuditLog implements AuditLog {
  readonly #send: (records: AuditRecord[]) => Promise<unknown>;
  readonly #waiting: Waiting[] = [];
  readonly #logger: LoggerService;
  readonly #outside: Array<() => void> = [];
  readonly #idle: Array<() => void> = [];
  /** Runs while all that is in line are notes that gather. */
  #gathering: NodeJS.Timeout | undefined;
  #senders = 0;
  #lastError?: unknown;

  constructor(options: {
    send: (records: AuditRecord[]) => Promise<unknown>;
    logger: LoggerService;
  }) {
    this.#send = options.send;
    this.#logger = options.logger;
  }

  record(
    record: AuditRecord,
    { deadlineMs = DEADLINE_MS }: { deadlineMs?: number } = {},
  ): Promise<void> {
    const recorded = this.#add(record, { deadlineMs, isNote: false });
    this.#start();
    return recorded;
  }

  async #add(
    record: AuditRecord,
    { deadlineMs, isNote }: { deadlineMs: number; isNote: boolean },
  ): Promise<void> {
    const now = Date.now();
    const whole = {
      ...record,
      id: record.id ?? timeOrderedId(now),
      time: record.time ?? new Date(now).toISOString(),
    };
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiting: Waiting = {
          record: whole,
          size: JSON.stringify(whole).length,
          isNote,
          isLate: false,
          resolve,
          reject,
        };
        this.#waiting.push(waiting);
        timer = setTimeout(() => {
          this.#leave(waiting);
          reject(notRecorded(this.#lastError));
        }, deadlineMs).unref();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async note(record: AuditRecord): Promise<void> {
    while (this.#waiting.length >= MAX_WAITING) {
      await new Promise<void>(resolve => this.#outside.push(resolve));
    }
    const asNote = { deadlineMs: NOTE_DEADLINE_MS, isNote: true };
    this.#add(record, asNote)
      .catch(error => {
        if (!InputError.is(error)) {
          throw error;
        }
        const noted = this.#add(standInFor(record, error), asNote);
        this.#gather();
        return noted;
      })
      .catch(error =>
        this.#logger.error(
          `This is not in the audit log: ${JSON.stringify(record)}`,
          error,
        ),
      );
    this.#gather();
  }

  /** Resolves when nothing waits any more. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#senders > 0) {
      const idle = new Promise<void>(resolve => this.#idle.push(resolve));
      this.#start();
      await idle;
    }
  }

  /** Whether what is in line may go: somebody waits for some of it, or it is enough. */
  #isDue(): boolean {
    return (
      this.#waiting.length >= MAX_RECORDS ||
      this.#waiting.some(({ isNote }) => !isNote)
    );
  }

  #gather(): void {
    if (this.#isDue()) {
      this.#start();
    } else if (this.#waiting.length > 0) {
      this.#gathering ??= setTimeout(() => this.#start(), GATHER_MS);
    }
  }

  #start(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#senders < SENDERS) {
      this.#work();
    }
  }

  async #work(): Promise<void> {
    this.#senders += 1;
    // Whatever comes in the same turn of the event loop goes with it.
    await new Promise(setImmediate);
    if (this.#waiting.length > 0) {
      do {
        await this.#deliver(this.#take());
        this.#outside.splice(0).forEach(enter => enter());
      } while (this.#isDue());
    }
    this.#senders -= 1;
    this.#gather();
    if (this.#senders === 0) {
      this.#idle.splice(0).forEach(resolve => resolve());
    }
  }

  #leave(late: Waiting): void {
    late.isLate = true;
    const place = this.#waiting.indexOf(late);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      this.#outside.splice(0).forEach(enter => enter());
    }
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let size = 0;
    do {
      size += this.#waiting[0].size;
      batch.push(this.#waiting.shift()!);
    } while (
      this.#waiting.length > 0 &&
      batch.length < MAX_RECORDS &&
      size + this.#waiting[0].size <= MAX_CHARACTERS
    );
    return batch;
  }

  /** Tries until the batch is recorded, refused or too late. */
  async #deliver(batch: Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const left = batch.filter(({ isLate }) => !isLate);
      if (!left.length) {
        return;
      }
      try {
        await this.#send(left.map(({ record }) => record));
        left.forEach(({ resolve }) => resolve());
        this.#lastError = undefined;
        return;
      } catch (error) {
        if (isRefusal(error)) {
          await this.#refused(left, error);
          return;
        }
        this.#lastError = error;
        const pause = Math.min(RETRY_MS * 2 ** attempt, MAX_RETRY_MS);
        await delay(pause, undefined, { ref: false });
      }
    }
  }

  /** One may be at fault for all; each for itself then. */
  async #refused(batch: Waiting[], error: ResponseError): Promise<void> {
    if (batch.length === 1) {
      batch[0].reject(
        new InputError(
          `The audit log does not take the record ${batch[0].record.action}: ${error.cause.message}`,
        ),
      );
      return;
    }
    for (const each of batch) {
      await this.#deliver([each]);
    }
  }
}

/** Sending the same again would be refused again. */
function isRefusal(error: unknown): error is ResponseError {
  return (
    error instanceof ResponseError && [400, 413, 422].includes(error.statusCode)
  );
}

/** That something was done is in the log, whatever was written into it. */
function standInFor(record: AuditRecord, refusal: Error): AuditRecord {
  const { type, action, actor, outcome } = record;
  const name = (text: string) =>
    // eslint-disable-next-line no-control-regex
    text.replace(/[\0-\x1f]/g, '\ufffd').slice(0, 500);
  return {
    ...{ type, outcome },
    action: name(action),
    actor: { type: actor.type, ref: name(actor.ref) },
    reason:
      `What else there was to say could not be recorded: ${refusal.message}`.slice(
        0,
        1_000,
      ),
    data: { digest: `sha256:${hash('sha256', JSON.stringify(record))}` },
  };
}

function notRecorded(error: unknown): ServiceUnavailableError {
  const missing =
    error instanceof ResponseError && error.statusCode === 404
      ? ' The plugin governance is not in the backend: add it, or take governance.audit out of the configuration.'
      : '';
  return new ServiceUnavailableError(
    `This could not be recorded in the audit log, so it was not done.${missing}`,
    error,
  );
}

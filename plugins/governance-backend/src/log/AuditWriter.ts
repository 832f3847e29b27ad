import { ServiceUnavailableError } from '@backstage/errors';
import type { AuditReceipt } from '@agentportal/plugin-governance-common';
import type { EntryStore } from '../store/EntryStore';
import type { NewEntry } from '../store/seal';

/** Entries that share one transaction at most. */
const BATCH = 1_000;
/** How long entries are made ready at a stretch, before others have their turn. */
const SLICE_MS = 2;
/** How long a caller waits for room before it is told to come again. */
const WAIT_MS = 5_000;

interface Waiting {
  tenant: string;
  entries: NewEntry[];
  resolve: (receipts: AuditReceipt[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes what comes from all sides in one order. While a transaction is under way the
 * next one gathers, so that entries share the wait for the disk; nothing is
 * acknowledged before it is durable, and nothing is dropped: who comes when too much
 * waits is made to wait, and then refused.
 */
export class AuditWriter {
  readonly #store: Pick<EntryStore, 'append' | 'prepare'>;
  readonly #maxWaiting: number;
  readonly #waitMs: number;
  readonly #queues = new Map<string, Waiting[]>();
  readonly #outside: Array<() => void> = [];
  readonly #unprepared = new Set<Waiting>();
  #waiting = 0;
  #preparing = false;

  constructor(options: {
    store: Pick<EntryStore, 'append' | 'prepare'>;
    maxWaiting: number;
    waitMs?: number;
  }) {
    this.#store = options.store;
    this.#maxWaiting = options.maxWaiting;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  /**
   * Resolves when all are durable.
   *
   * @throws ServiceUnavailableError when there was no room in time; nothing is written
   */
  async write(tenant: string, entries: NewEntry[]): Promise<AuditReceipt[]> {
    const deadline = Date.now() + this.#waitMs;
    while (
      this.#waiting > 0 &&
      this.#waiting + entries.length > this.#maxWaiting
    ) {
      await this.#room(deadline - Date.now());
    }
    this.#waiting += entries.length;
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(tenant);
      const waiting = { tenant, entries, resolve, reject };
      if (queue) {
        queue.push(waiting);
      } else {
        this.#queues.set(tenant, [waiting]);
        this.#work(tenant);
      }
      this.#unprepared.add(waiting);
      if (!this.#preparing) {
        this.#prepare();
      }
    });
  }

  /** While the database works for one batch, those who wait are made ready. */
  async #prepare(): Promise<void> {
    this.#preparing = true;
    let end = 0;
    for (const waiting of this.#unprepared) {
      if (performance.now() >= end) {
        await new Promise(setImmediate);
        end = performance.now() + SLICE_MS;
      }
      // It may be under way by now.
      if (this.#unprepared.delete(waiting)) {
        const { tenant, entries } = waiting;
        entries.forEach(entry => this.#store.prepare(tenant, entry));
      }
    }
    this.#preparing = false;
  }

  async #work(tenant: string): Promise<void> {
    const queue = this.#queues.get(tenant)!;
    while (queue.length > 0) {
      // Whatever comes in the same turn of the event loop goes with it, and who has
      // nothing to do with it has a turn: SQLite alone gives nobody one.
      await new Promise(setImmediate);
      const batch: Waiting[] = [];
      let size = 0;
      do {
        size += queue[0].entries.length;
        this.#unprepared.delete(queue[0]);
        batch.push(queue.shift()!);
      } while (queue.length > 0 && size + queue[0].entries.length <= BATCH);
      await this.#append(tenant, batch);
      this.#waiting -= size;
      this.#outside.splice(0).forEach(enter => enter());
    }
    this.#queues.delete(tenant);
  }

  async #append(tenant: string, batch: Waiting[]): Promise<void> {
    try {
      const receipts = await this.#store.append(
        tenant,
        batch.flatMap(({ entries }) => entries),
      );
      let at = 0;
      for (const { entries, resolve } of batch) {
        resolve(receipts.slice(at, at + entries.length));
        at += entries.length;
      }
    } catch (error) {
      if (batch.length === 1) {
        batch[0].reject(error);
        return;
      }
      // One may be at fault for all; each for itself then.
      for (const each of batch) {
        await this.#append(tenant, [each]);
      }
    }
  }

  async #room(waitMs: number): Promise<void> {
    let enter = () => {};
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#outside.splice(this.#outside.indexOf(enter), 1);
        reject(
          new ServiceUnavailableError(
            `The audit log cannot keep up: ${
              this.#waiting
            } entries wait to be written. Nothing of this was recorded; try again.`,
          ),
        );
      }, waitMs);
      enter = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#outside.push(enter);
    });
  }
}

import type { TraceWrite, TraceWriter } from '../store/TraceWriter';

/** Spans of one transaction; on SQLite nobody else is served while it is written. */
const MAX_SPANS = 500;

interface Waiting {
  write: TraceWrite;
  resolve(rejected: Record<string, number>): void;
  reject(error: unknown): void;
}

/** Writes what several requests bring in transactions of a good size, one after another. */
export class WriteQueue {
  readonly #writer: TraceWriter;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(writer: TraceWriter) {
    this.#writer = writer;
  }

  /** Resolves when they are written, with how many were refused, by reason. */
  async write(writes: TraceWrite[]): Promise<Record<string, number>> {
    const rejected: Record<string, number> = {};
    const ends = writes.map(
      write =>
        new Promise<Record<string, number>>((resolve, reject) => {
          this.#waiting.push({ write, resolve, reject });
        }),
    );
    void this.#work();
    for (const counts of await Promise.all(ends)) {
      addCounts(rejected, counts);
    }
    return rejected;
  }

  async #work(): Promise<void> {
    if (this.#isWriting) {
      return;
    }
    this.#isWriting = true;
    while (this.#waiting.length) {
      let spans = 0;
      const next = this.#waiting.findIndex(({ write }, i) => {
        spans += write.spans.length;
        return i > 0 && spans > MAX_SPANS;
      });
      const batch = this.#waiting.splice(
        0,
        next < 0 ? this.#waiting.length : next,
      );
      await this.#write(batch);
      // Others have their turn between two transactions.
      await new Promise(resolve => setImmediate(resolve));
    }
    this.#isWriting = false;
  }

  async #write(batch: Waiting[]): Promise<void> {
    try {
      const ends = await this.#writer.write(batch.map(({ write }) => write));
      batch.forEach(({ resolve }, i) => resolve(ends[i]));
    } catch (error) {
      if (!isOfData(error)) {
        batch.forEach(({ reject }) => reject(error));
      } else if (batch.length > 1) {
        // What one of them holds is no fault of the others.
        for (const one of batch) {
          await this.#write([one]);
        }
      } else {
        const [{ resolve, write }] = batch;
        resolve({ 'values that cannot be stored': write.spans.length });
      }
    }
  }
}

/** Adds how many were refused, by reason. */
export function addCounts(
  to: Record<string, number>,
  counts: Record<string, number>,
): void {
  for (const [reason, count] of Object.entries(counts)) {
    to[reason] = (to[reason] ?? 0) + count;
  }
}

/** Whether it fails however often it is tried: PostgreSQL's class of data exceptions. */
function isOfData(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('22');
}

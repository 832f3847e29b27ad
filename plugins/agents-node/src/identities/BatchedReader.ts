import { LRUCache } from 'lru-cache';

interface Entry<T> {
  value: Promise<T | undefined>;
  /** When the question was asked, which is what the answer is true for. */
  askedAt: number;
}

const MAX_REMEMBERED = 10_000;

/**
 * Reads things by id: all that is asked for in one turn of the event loop goes out in one
 * request, one id is never asked for twice at the same time, and answers are remembered
 * for as long as the one who asks allows.
 */
export class BatchedReader<T> {
  readonly #fetch: (ids: string[]) => Promise<Map<string, T>>;
  readonly #batchSize: number;
  readonly #now: () => number;
  readonly #known = new LRUCache<string, Entry<T>>({ max: MAX_REMEMBERED });
  #waiting = new Map<string, PromiseWithResolvers<T | undefined>>();

  constructor(options: {
    fetch: (ids: string[]) => Promise<Map<string, T>>;
    batchSize: number;
    /** Milliseconds of a clock that never goes back. */
    now?: () => number;
  }) {
    this.#fetch = options.fetch;
    this.#batchSize = options.batchSize;
    this.#now = options.now ?? (() => performance.now());
  }

  /** What there is under an id, not older than this; `undefined` when there is nothing. */
  read(id: string, maxAgeMs: number): Promise<T | undefined> {
    const known = this.#known.get(id);
    if (known && this.#now() - known.askedAt <= maxAgeMs) {
      return known.value;
    }
    const waiting = this.#waiting.get(id);
    if (waiting) {
      return waiting.promise;
    }
    const asked = Promise.withResolvers<T | undefined>();
    if (!this.#waiting.size) {
      setImmediate(() => this.#flush());
    }
    this.#waiting.set(id, asked);
    return asked.promise;
  }

  #flush(): void {
    const waiting = [...this.#waiting];
    this.#waiting = new Map();
    const askedAt = this.#now();
    for (let i = 0; i < waiting.length; i += this.#batchSize) {
      const batch = waiting.slice(i, i + this.#batchSize);
      const answers = this.#fetch(batch.map(([id]) => id));
      for (const [id, { promise, resolve, reject }] of batch) {
        const entry = { value: promise, askedAt };
        this.#known.set(id, entry);
        answers.then(
          found => resolve(found.get(id)),
          error => {
            // Not knowing is nothing to remember.
            if (this.#known.peek(id) === entry) {
              this.#known.delete(id);
            }
            reject(error);
          },
        );
      }
    }
  }
}

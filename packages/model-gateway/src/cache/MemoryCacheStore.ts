import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CacheCandidate, CacheEntry, CacheKey, CacheStore } from './store';
import type { TextAnswer } from './textAnswer';

const MAX_CANDIDATES = 500;

type Remembered = CacheEntry & { id: string };

/**
 * Keeps answers in the memory of one process, the ones that were used last.
 *
 * @public
 */
export class MemoryCacheStore implements CacheStore {
  readonly #entries: LRUCache<string, Remembered>;
  /** Ids by digest of the question and by bucket, the newest last. */
  readonly #places = new Map<string, Set<string>>();
  #purges: Array<(entry: CacheEntry) => boolean> = [];

  constructor(options: { maxBytes?: number } = {}) {
    this.#entries = new LRUCache<string, Remembered>({
      maxSize: options.maxBytes ?? 64 * 1024 * 1024,
      sizeCalculation: sizeOf,
      dispose: entry => this.#forget(entry),
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  async find(
    key: CacheKey,
    now: number,
  ): Promise<{ candidates: CacheCandidate[]; mark: number }> {
    const mark = this.#purges.length;
    const exact = this.#at(key.question, now);
    if (exact.length > 0) {
      return { candidates: [toCandidate(exact.at(-1)!, true)], mark };
    }
    const near = key.bucket ? this.#at(key.bucket, now) : [];
    return {
      candidates: near
        .slice(-MAX_CANDIDATES)
        .map(entry => toCandidate(entry, false)),
      mark,
    };
  }

  async answer(id: string): Promise<TextAnswer | undefined> {
    return this.#entries.get(id)?.answer;
  }

  async put(entry: CacheEntry, mark: number): Promise<void> {
    if (this.#purges.slice(mark).some(hits => hits(entry))) {
      return;
    }
    const id = randomBytes(12).toString('base64url');
    this.#entries.set(id, { ...entry, id });
    if (this.#entries.has(id)) {
      for (const place of placesOf(entry)) {
        const ids = this.#places.get(place) ?? new Set();
        this.#places.set(place, ids.add(id));
      }
    }
  }

  async used(): Promise<void> {}

  /** Forgets what was made for an agent, a key or a person, or everything. */
  purge(of: CacheEntry['madeFor'] = {}): void {
    const hits = ({ madeFor }: CacheEntry) =>
      Object.entries(of).every(
        ([name, value]) => madeFor[name as keyof typeof madeFor] === value,
      );
    this.#purges.push(hits);
    for (const [id, entry] of this.#entries) {
      if (hits(entry)) {
        this.#entries.delete(id);
      }
    }
  }

  #at(place: string, now: number): Remembered[] {
    return [...(this.#places.get(place) ?? [])].flatMap(id => {
      const entry = this.#entries.peek(id);
      return entry && entry.expiresAt > now ? entry : [];
    });
  }

  #forget(entry: Remembered): void {
    for (const place of placesOf(entry)) {
      const ids = this.#places.get(place);
      ids?.delete(entry.id);
      if (ids?.size === 0) {
        this.#places.delete(place);
      }
    }
  }
}

function placesOf(entry: CacheEntry): string[] {
  return entry.bucket ? [entry.question, entry.bucket] : [entry.question];
}

function sizeOf(entry: CacheEntry): number {
  return (
    1_000 +
    2 * entry.answer.text.length +
    (entry.embedding ? entry.embedding.byteLength : 0)
  );
}

function toCandidate(entry: Remembered, exact: boolean): CacheCandidate {
  const { id, embedding, model, costNanoUsd, createdAt } = entry;
  return { id, exact, embedding, model, costNanoUsd, createdAt };
}

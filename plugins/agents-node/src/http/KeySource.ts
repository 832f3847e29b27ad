import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { z } from 'zod/v4';

/** Where plugins publish their keys, below their own address. */
export const PLUGIN_KEYS = '/.backstage/auth/v1/jwks.json';

const TIMEOUT_MS = 3_000;
/** Bad tokens must not become a load on whoever has the keys. */
const ASK_EVERY_MS = 100;
const MAX_SEEN = 100;

const keysSchema = z.object({
  keys: z.array(z.looseObject({ kid: z.string().optional() })),
});

/** Somebody who publishes keys. */
export class KeySource {
  readonly #url: string;
  /** Keys that were there all the time since they were seen. */
  readonly #seen = new LRUCache<string, true>({ max: MAX_SEEN });
  #askedAt = 0;
  #next?: Promise<Set<string> | undefined>;

  constructor(url: string) {
    this.#url = url;
  }

  async find(kid = ''): Promise<'seen' | 'new' | 'none' | 'away'> {
    const published = await this.#ask();
    if (!published) {
      this.#seen.clear();
      return 'away';
    }
    if (!published.has(kid)) {
      return 'none';
    }
    if (this.#seen.has(kid)) {
      return 'seen';
    }
    this.#seen.set(kid, true);
    return 'new';
  }

  /**
   * Asks after it was called: an older answer says nothing about why a token was
   * refused just now. Whoever comes while a question waits shares it.
   */
  #ask(): Promise<Set<string> | undefined> {
    this.#next ??= this.#askNext();
    return this.#next;
  }

  async #askNext(): Promise<Set<string> | undefined> {
    await sleep(Math.max(0, this.#askedAt + ASK_EVERY_MS - Date.now()));
    this.#next = undefined;
    this.#askedAt = Date.now();
    return fetchKids(this.#url);
  }
}

/** `undefined` when they cannot be had. */
async function fetchKids(url: string): Promise<Set<string> | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 404 && url.endsWith(PLUGIN_KEYS)) {
      await response.body?.cancel();
      // There is no such plugin, so whoever names it is lying.
      return new Set();
    }
    const { keys } = keysSchema.parse(await response.json());
    return response.ok ? new Set(keys.map(key => key.kid ?? '')) : undefined;
  } catch {
    return undefined;
  }
}

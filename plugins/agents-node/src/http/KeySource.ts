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

/** How many may wait to ask those who have shown no keys yet. */
const MAX_WAITING = 10;

/**
 * Tokens name who is to be asked for keys before anybody has verified them. So all who have shown no
 * keys yet are asked one after the other, as seldom as one source alone, and few may wait for that.
 */
export class Strangers {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when a stranger may be asked; `false` at once when too many wait. */
  async turn(): Promise<boolean> {
    if (this.#waiting >= MAX_WAITING) {
      return false;
    }
    this.#waiting += 1;
    const before = this.#last;
    this.#last = before.then(() => sleep(ASK_EVERY_MS));
    await before;
    this.#waiting -= 1;
    return true;
  }
}

/** Somebody who publishes keys. */
export class KeySource {
  readonly #url: string;
  readonly #strangers: Strangers;
  #hasShownKeys = false;
  /** Keys that were there all the time since they were seen. */
  readonly #seen = new LRUCache<string, true>({ max: MAX_SEEN });
  #askedAt = 0;
  #next?: Promise<Set<string> | undefined>;

  constructor(url: string, strangers: Strangers) {
    this.#url = url;
    this.#strangers = strangers;
  }

  /** Whether it has published keys before. */
  get hasShownKeys(): boolean {
    return this.#hasShownKeys;
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
    if (this.#hasShownKeys) {
      await sleep(Math.max(0, this.#askedAt + ASK_EVERY_MS - Date.now()));
    } else if (!(await this.#strangers.turn())) {
      this.#next = undefined;
      return undefined;
    }
    this.#next = undefined;
    this.#askedAt = Date.now();
    const published = await fetchKids(this.#url);
    this.#hasShownKeys ||= Boolean(published?.size);
    return published;
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

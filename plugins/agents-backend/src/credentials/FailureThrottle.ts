import { LRUCache } from 'lru-cache';

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const MAX_CLIENTS = 10_000;

/**
 * Counts what clients get wrong, in windows of a minute. Only wrong attempts are turned
 * away: a right one passes, or whoever knows the name of an agent could lock it out.
 */
export class FailureThrottle {
  readonly #failures = new LRUCache<string, { count: number; since: number }>({
    max: MAX_CLIENTS,
  });

  /** Counts one more; tells the seconds to wait when there were too many. */
  failed(client: string, now: number): number | undefined {
    const known = this.#failures.get(client);
    const window =
      known && now - known.since < WINDOW_MS ? known : { count: 0, since: now };
    window.count++;
    this.#failures.set(client, window);
    return window.count > MAX_FAILURES
      ? Math.ceil((window.since + WINDOW_MS - now) / 1_000)
      : undefined;
  }
}

import { LRUCache } from 'lru-cache';

const MAX_ROUTES = 1_000;
/** Beyond so many calls the past counts half. */
const HALVE_AT = 2_000;

/** How many calls of each route may be asked twice. */
export class HedgeAllowance {
  readonly #routes = new LRUCache<string, { calls: number; hedges: number }>({
    max: MAX_ROUTES,
  });

  /** A call of a route with hedging begins. */
  called(route: string): void {
    const counts = this.#of(route);
    counts.calls += 1;
    if (counts.calls > HALVE_AT) {
      counts.calls /= 2;
      counts.hedges /= 2;
    }
  }

  /** Takes the right to a second attempt, if the share allows one more. */
  take(route: string, maxPercentOfCalls: number): boolean {
    const counts = this.#of(route);
    if (counts.hedges + 1 > (counts.calls * maxPercentOfCalls) / 100) {
      return false;
    }
    counts.hedges += 1;
    return true;
  }

  #of(route: string): { calls: number; hedges: number } {
    let counts = this.#routes.get(route);
    if (!counts) {
      counts = { calls: 0, hedges: 0 };
      this.#routes.set(route, counts);
    }
    return counts;
  }
}

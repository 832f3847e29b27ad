import type { RateLimit } from './rateLimit';

const MINUTE_US = 60_000_000;

/** A counter's row in `model_rate_counters`. */
export interface RateRow {
  limit_id: string;
  /** Big integers come as text from PostgreSQL. */
  arrival_us: number | string;
  in_use: number;
}

interface Counter {
  arrivalUs: number;
  inUse: number;
  changed: boolean;
}

/** A rate limit that has nothing left now. */
export interface RateRefusal {
  limit: RateLimit;
  /** ms; absent when waiting does not help. */
  retryAfterMs?: number;
}

/** What is left of a rate limit after a call was let through. */
export interface RateStanding {
  limit: RateLimit;
  remaining: number;
  /** ms until all of it is there again. */
  resetMs: number;
}

/**
 * The rate limits of a batch, locked with its budgets. Requests and tokens flow in
 * continuously (the generic cell rate algorithm): the counter is the moment at
 * which all that was taken will have flowed in again, and it may lie ahead by what
 * a burst takes. So there is no edge at which twice as much gets through.
 * Source: ITU-T I.371, annex A.
 */
export class RateCounters {
  readonly #counters = new Map<string, Counter>();
  readonly #nowUs: number;

  /** @param nowUs - the database's time, which all processes share */
  constructor(rows: RateRow[], nowUs: number) {
    this.#nowUs = nowUs;
    for (const row of rows) {
      this.#counters.set(row.limit_id, {
        arrivalUs: Number(row.arrival_us),
        inUse: row.in_use,
        changed: false,
      });
    }
  }

  /** Which limit lets a call through last, if one does not now. */
  refusal(
    limits: readonly RateLimit[],
    tokens: number,
  ): RateRefusal | undefined {
    let longest: RateRefusal | undefined;
    for (const limit of limits) {
      const refusal = this.#refusalOf(limit, tokens);
      if (
        refusal &&
        (!longest ||
          (refusal.retryAfterMs ?? Infinity) >
            (longest.retryAfterMs ?? Infinity))
      ) {
        longest = refusal;
      }
    }
    return longest;
  }

  /** Takes of all limits what a call that begins needs. */
  take(limits: readonly RateLimit[], tokens: number): RateStanding[] {
    return limits.flatMap(limit => {
      const counter = this.#counters.get(limit.id);
      if (!counter) {
        return [];
      }
      counter.inUse += 1;
      counter.changed = true;
      if (limit.measure === 'parallel') {
        const remaining = (limit.limit ?? 0) - counter.inUse;
        return { limit, remaining, resetMs: 0 };
      }
      const perMinute = limit.perMinute ?? 0;
      const start = Math.max(counter.arrivalUs, this.#nowUs);
      counter.arrivalUs = start + timeOf(amountOf(limit, tokens), perMinute);
      const ahead = counter.arrivalUs - this.#nowUs;
      return {
        limit,
        remaining: Math.max(
          0,
          Math.floor(burstOf(limit) - (ahead * perMinute) / MINUTE_US),
        ),
        resetMs: Math.ceil(ahead / 1000),
      };
    });
  }

  /** Takes back what a call took that is not made. */
  undo(limits: readonly RateLimit[], tokens: number): void {
    for (const limit of limits) {
      const counter = this.#counters.get(limit.id);
      if (!counter) {
        continue;
      }
      counter.inUse -= 1;
      if (limit.measure !== 'parallel') {
        counter.arrivalUs -= timeOf(
          amountOf(limit, tokens),
          limit.perMinute ?? 0,
        );
      }
    }
  }

  /** A call has ended: it is not under way any more. */
  release(limitIds: readonly string[]): void {
    for (const id of limitIds) {
      const counter = this.#counters.get(id);
      if (counter) {
        counter.inUse -= 1;
        counter.changed = true;
      }
    }
  }

  /**
   * Gives back the tokens that a call was held for and did not use, or takes
   * those that it used beyond.
   */
  correct(limits: readonly RateLimit[], held: number, used: number): void {
    for (const limit of limits) {
      const counter = this.#counters.get(limit.id);
      if (limit.measure === 'tokens' && limit.perMinute && counter) {
        const beyond = used - amountOf(limit, held);
        counter.arrivalUs =
          beyond > 0
            ? Math.max(counter.arrivalUs, this.#nowUs) +
              timeOf(beyond, limit.perMinute)
            : counter.arrivalUs - timeOf(-beyond, limit.perMinute);
        counter.changed = true;
      }
    }
  }

  /** The rows that have changed. */
  changes(): Array<{ id: string; arrivalUs: number; inUse: number }> {
    return [...this.#counters]
      .filter(([, counter]) => counter.changed)
      .map(([id, { arrivalUs, inUse }]) => ({ id, arrivalUs, inUse }));
  }

  #refusalOf(limit: RateLimit, tokens: number): RateRefusal | undefined {
    const counter = this.#counters.get(limit.id);
    if (!counter) {
      // It was deleted a moment ago.
      return undefined;
    }
    if (limit.measure === 'parallel') {
      const most = limit.limit ?? 0;
      return counter.inUse < most
        ? undefined
        : { limit, ...(most > 0 && { retryAfterMs: 1_000 }) };
    }
    const perMinute = limit.perMinute ?? 0;
    if (perMinute <= 0) {
      return { limit };
    }
    const ahead = Math.max(0, counter.arrivalUs - this.#nowUs);
    const tooMuch =
      ahead +
      timeOf(amountOf(limit, tokens), perMinute) -
      timeOf(burstOf(limit), perMinute);
    return tooMuch > 0
      ? { limit, retryAfterMs: Math.ceil(tooMuch / 1000) }
      : undefined;
  }
}

/** How many requests or tokens may come at once after a quiet time. */
export function burstOf(limit: RateLimit): number {
  return Math.max(1, limit.burst ?? limit.perMinute ?? 0);
}

/**
 * What a call takes when it begins. One that may need more tokens than can ever be
 * there is let through when all of them are, and pays for the rest afterwards.
 */
function amountOf(limit: RateLimit, tokens: number): number {
  return limit.measure === 'requests' ? 1 : Math.min(tokens, burstOf(limit));
}

/** How long an amount takes to flow in; whole microseconds, never too few. */
function timeOf(amount: number, perMinute: number): number {
  return Math.ceil((amount * MINUTE_US) / perMinute);
}

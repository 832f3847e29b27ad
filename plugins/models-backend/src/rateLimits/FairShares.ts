import type { Account } from '@agentportal/model-gateway';
import { LRUCache } from 'lru-cache';
import type { RateRefusal } from './RateCounters';
import type { RateLimit } from './rateLimit';

const MAX_LIMITS = 10_000;
const MAX_KEPT = 1_000;
/**
 * For whoever could begin only later no place is kept: a large call waits until nearly all
 * of a limit is there, and meanwhile all others would stand before what is free.
 */
const KEEP_MS = 5_000;
/** For whoever comes back when they were told to. */
const GRACE_MS = 1_000;
/** Nobody waits longer for one who comes back and does not begin. */
const LONGEST_MS = 12_000;
/** Who took how much is forgotten after so long. */
const LATELY_MS = 60_000;

/** A place that is kept; it stays on record until whoever has it begins. */
interface Place {
  since: number;
  until: number;
}

/** What happened lately at a limit that has refused somebody. */
interface Turns {
  /** For whom a place is kept. */
  places: Map<string, Place>;
  /** How much of the limit calls of whom took that began. */
  taken: Map<string, number>;
}

/**
 * Shares a limit among those who call under it: whoever was refused and comes back
 * in time goes before those who got more, so that trying more often than others
 * gains nothing. Each process knows of its own callers only; the limit itself is
 * exact without this.
 */
export class FairShares {
  readonly #turns = new LRUCache<string, Turns>({
    max: MAX_LIMITS,
    ttl: LATELY_MS,
    perf: { now: () => Date.now() },
  });

  /** A limit at which it is the turn of somebody who got less. */
  yields(
    limits: readonly RateLimit[],
    account: Account,
  ): RateRefusal | undefined {
    const caller = callerOf(account);
    const now = Date.now();
    for (const limit of limits) {
      const turns = this.#turns.get(limit.id);
      const own = turns?.taken.get(caller) ?? 0;
      for (const [other, { until }] of turns?.places ?? []) {
        if (
          until >= now &&
          other !== caller &&
          (turns!.taken.get(other) ?? 0) < own
        ) {
          return { limit, retryAfterMs: until - now };
        }
      }
    }
    return undefined;
  }

  /** Keeps a place for whoever comes back in time. */
  refused({ limit, retryAfterMs }: RateRefusal, account: Account): void {
    if (retryAfterMs === undefined || retryAfterMs > KEEP_MS) {
      return;
    }
    let turns = this.#turns.get(limit.id);
    if (!turns) {
      turns = { places: new Map(), taken: new Map() };
      this.#turns.set(limit.id, turns);
    }
    const { places } = turns;
    const caller = callerOf(account);
    const now = Date.now();
    const since = places.get(caller)?.since ?? now;
    if (places.size < MAX_KEPT || places.has(caller)) {
      places.set(caller, {
        since,
        until: Math.min(now + retryAfterMs + GRACE_MS, since + LONGEST_MS),
      });
    }
  }

  /** @param tokens - that the call may need */
  began(limits: readonly RateLimit[], account: Account, tokens: number): void {
    const caller = callerOf(account);
    for (const { id, measure } of limits) {
      const turns = this.#turns.get(id);
      if (turns) {
        const amount = measure === 'tokens' ? tokens : 1;
        turns.places.delete(caller);
        turns.taken.set(caller, (turns.taken.get(caller) ?? 0) + amount);
      }
    }
  }
}

/** Who takes a share: a program, an agent, or a person. */
function callerOf({ agentRef, keyId, ownerRef, userRef }: Account): string {
  return keyId ?? agentRef ?? userRef ?? ownerRef ?? '';
}

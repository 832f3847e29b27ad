import type { Account } from '@agentportal/model-gateway';
import { LRUCache } from 'lru-cache';
import type { RateRefusal } from './RateCounters';
import type { RateLimit } from './rateLimit';

const MAX_LIMITS = 10_000;
const MAX_KEPT = 1_000;
/** Nobody waits longer for one who does not come back. */
const KEEP_MS = 5_000;
/** For whoever comes back when they were told to. */
const GRACE_MS = 1_000;
/** Who took how much is forgotten after so long. */
const LATELY_MS = 60_000;

/** What happened lately at a limit that has refused somebody. */
interface Turns {
  /** Until when a place is kept for whom. */
  keptUntil: Map<string, number>;
  /** How many calls of whom began. */
  begun: Map<string, number>;
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
      const taken = turns?.begun.get(caller) ?? 0;
      for (const [other, until] of turns?.keptUntil ?? []) {
        if (until < now) {
          turns!.keptUntil.delete(other);
        } else if (other !== caller && (turns!.begun.get(other) ?? 0) < taken) {
          return { limit, retryAfterMs: until - now };
        }
      }
    }
    return undefined;
  }

  /** Keeps a place for whoever comes back in time. */
  refused({ limit, retryAfterMs }: RateRefusal, account: Account): void {
    if (retryAfterMs === undefined) {
      return;
    }
    const turns = this.#turns.get(limit.id) ?? {
      keptUntil: new Map(),
      begun: new Map(),
    };
    if (!this.#turns.has(limit.id)) {
      this.#turns.set(limit.id, turns);
    }
    const { keptUntil } = turns;
    const caller = callerOf(account);
    if (keptUntil.size < MAX_KEPT || keptUntil.has(caller)) {
      keptUntil.set(
        caller,
        Date.now() + Math.min(retryAfterMs, KEEP_MS) + GRACE_MS,
      );
    }
  }

  began(limits: readonly RateLimit[], account: Account): void {
    const caller = callerOf(account);
    for (const { id } of limits) {
      const turns = this.#turns.get(id);
      if (turns) {
        turns.keptUntil.delete(caller);
        turns.begun.set(caller, (turns.begun.get(caller) ?? 0) + 1);
      }
    }
  }
}

/** Who takes a share: a program, an agent, or a person. */
function callerOf({ agentRef, keyId, ownerRef, userRef }: Account): string {
  return keyId ?? agentRef ?? userRef ?? ownerRef ?? '';
}

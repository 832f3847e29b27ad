import type { ColumnValue } from '../ledger/callRow';
import type { RateLimit } from '../rateLimits/rateLimit';
import type {
  RateCounters,
  RateRefusal,
  RateStanding,
} from '../rateLimits/RateCounters';
import type { Budget } from './budget';
import type { HoldSet } from './HoldSets';
import type { WindowCounters } from './WindowCounters';

/** What an attempt holds, on which counters. */
export interface Hold {
  set: HoldSet;
  nanoUsd: number;
  /** The most tokens that it can need. */
  tokens: number;
  /** The terms of the rate limits, where they are known. */
  limits: readonly RateLimit[];
}

/** An attempt that wants to begin. */
export interface OpenItem {
  kind: 'open';
  attemptId: string;
  /** The ledger's row. */
  values: ColumnValue[];
  hold?: Hold;
}

/** An attempt that has ended. */
export interface SettleItem {
  kind: 'settle';
  attemptId: string;
  /** What changes in the ledger's row. */
  values: ColumnValue[];
  costNanoUsd: number;
  tokens: number;
  hold?: Hold;
}

/** An attempt whose process is gone: it is settled at what it held. */
export interface ReconcileItem {
  kind: 'reconcile';
  attemptId: string;
  hold?: Hold;
}

export type JournalItem = OpenItem | SettleItem | ReconcileItem;
export type EndingItem = SettleItem | ReconcileItem;

/** Why a budget does not let an attempt begin. */
export interface Refusal {
  budget: Budget;
  windowStart: number;
  spentNanoUsd: number;
  heldNanoUsd: number;
  neededNanoUsd: number;
}

/** A threshold that a window has passed. */
export interface Crossing {
  budget: Budget;
  windowStart: number;
  /** Part of the limit. */
  threshold: number;
  spentNanoUsd: number;
}

/** What became of one item of a batch. */
export interface ItemResult {
  refusal?: Refusal;
  rateRefusal?: RateRefusal;
  /** What is left of rate limits, for an attempt that begins. */
  standings?: RateStanding[];
  /** nano-USD that a settlement cost beyond what was held. */
  overrunNanoUsd?: number;
  /** Whether an ending item ended its attempt now, and not before. */
  ended?: boolean;
  /** The database refused this row, and only this one. */
  fault?: unknown;
}

/** What a batch has locked. */
export interface Locked {
  windows: WindowCounters;
  rates: RateCounters;
}

/** Holds for an attempt on all of its counters, or on none and tells why. */
export function begin(locked: Locked, item: OpenItem): ItemResult {
  const { hold } = item;
  if (!hold) {
    return {};
  }
  const { limits, nanoUsd, set, tokens } = hold;
  if (limits.length > 0) {
    const rateRefusal = locked.rates.refusal(limits, tokens);
    if (rateRefusal) {
      return { rateRefusal };
    }
  }
  const refusal = locked.windows.refusal(set.windows, nanoUsd);
  if (refusal) {
    return { refusal };
  }
  locked.windows.hold(set.windows, nanoUsd);
  return limits.length > 0
    ? { standings: locked.rates.take(limits, tokens) }
    : {};
}

/** Takes back a hold whose row the database has refused. */
export function undo(locked: Locked, { hold }: OpenItem): void {
  if (hold) {
    locked.windows.hold(hold.set.windows, -hold.nanoUsd);
    locked.rates.undo(hold.limits, hold.tokens);
  }
}

/**
 * Turns what an attempt held into what it cost. One that was settled at its
 * estimate is corrected by the difference.
 */
export function end(
  locked: Locked,
  item: EndingItem,
  was: 'started' | 'unreconciled',
): ItemResult {
  const { hold } = item;
  if (!hold) {
    return { ended: true };
  }
  const { limits, nanoUsd, set } = hold;
  const settles = item.kind === 'settle';
  const cost = settles ? item.costNanoUsd : nanoUsd;
  if (was === 'started') {
    locked.windows.hold(set.windows, -nanoUsd);
    locked.windows.spend(set.windows, cost);
    locked.rates.release(set.limitIds);
  } else {
    locked.windows.spend(set.windows, cost - nanoUsd);
  }
  if (settles && limits.length > 0) {
    locked.rates.correct(limits, hold.tokens, item.tokens);
  }
  return {
    ended: true,
    ...(set.windows.length > 0 &&
      cost > nanoUsd && { overrunNanoUsd: cost - nanoUsd }),
  };
}

import type { Knex } from 'knex';
import { CALLS } from '../ledger/tables';
import type { Budget } from './budget';
import type { HoldRow } from './rows';
import { HOLDS } from './tables';
import { WindowCounters } from './WindowCounters';

/** A counter: a budget and the start of one of its windows. */
export interface WindowKey {
  budgetId: string;
  windowStart: number;
}

/** An attempt that wants to begin, with what it holds on which counters. */
export interface OpenItem {
  kind: 'open';
  attemptId: string;
  boundNanoUsd: number;
  expiresAt: number;
  keys: WindowKey[];
  /** The ledger's row. */
  row: Record<string, unknown>;
}

/** An attempt that has ended. */
export interface SettleItem {
  kind: 'settle';
  attemptId: string;
  costNanoUsd: number;
  keys: WindowKey[];
  /** What changes in the ledger's row. */
  update: Record<string, unknown>;
}

/** An attempt whose process is gone: it is settled at what it held. */
export interface ReconcileItem {
  kind: 'reconcile';
  attemptId: string;
  keys: WindowKey[];
}

export type HoldItem = OpenItem | SettleItem | ReconcileItem;

/** Why an attempt may not begin. */
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

export interface BatchResult {
  /** Of the attempts that may not begin, by id. */
  refusals: Map<string, Refusal>;
  /** Settlements that cost more than was held, by id; nano-USD. */
  overruns: Map<string, number>;
  crossings: Crossing[];
  /** Attempts that were ended here, and not before. */
  ended: Set<string>;
}

/**
 * Judges a batch in one transaction. The counters are locked first and always in
 * the same order, so batches of several processes cannot lock each other out;
 * then everything that ends makes room, and whoever wants to begin is judged in
 * turn.
 */
export async function runHoldBatch(
  trx: Knex.Transaction,
  items: HoldItem[],
  instanceId: string,
): Promise<BatchResult> {
  const counters = await WindowCounters.lock(
    trx,
    items.flatMap(item => item.keys),
  );
  const result: BatchResult = {
    refusals: new Map(),
    overruns: new Map(),
    crossings: [],
    ended: new Set(),
  };
  const ending = items.filter(item => item.kind !== 'open');
  if (ending.length > 0) {
    await end(trx, ending, counters, result);
  }
  const opening = items.filter(item => item.kind === 'open');
  const begun = opening.filter(item => {
    const refusal = counters.hold(item.keys, item.boundNanoUsd);
    if (refusal) {
      result.refusals.set(item.attemptId, refusal);
    }
    return !refusal;
  });
  result.crossings = await counters.write(trx);
  if (begun.length > 0) {
    await trx(CALLS).insert(
      begun.map(item => ({ ...item.row, held_nano_usd: item.boundNanoUsd })),
    );
    const holds = begun.flatMap(item =>
      item.keys
        .filter(key => counters.has(key))
        .map(key => ({
          attempt_id: item.attemptId,
          budget_id: key.budgetId,
          window_start: key.windowStart,
          held_nano_usd: item.boundNanoUsd,
          state: 'held',
          expires_at: item.expiresAt,
          instance_id: instanceId,
        })),
    );
    if (holds.length > 0) {
      await trx(HOLDS).insert(holds);
    }
  }
  return result;
}

/** Ends each attempt once: by the state of its row, whoever comes first. */
async function end(
  trx: Knex.Transaction,
  items: Array<SettleItem | ReconcileItem>,
  counters: WindowCounters,
  result: BatchResult,
): Promise<void> {
  const rows: HoldRow[] = await trx(HOLDS).whereIn(
    'attempt_id',
    items.map(item => item.attemptId),
  );
  const holdsOf = new Map<string, HoldRow[]>();
  for (const row of rows) {
    holdsOf.set(row.attempt_id, [...(holdsOf.get(row.attempt_id) ?? []), row]);
  }
  const settled: string[] = [];
  const unreconciled: string[] = [];
  for (const item of items) {
    const settles = item.kind === 'settle';
    const changed = await trx(CALLS)
      .where({ id: item.attemptId })
      .whereIn('status', settles ? ['started', 'unreconciled'] : ['started'])
      .update(
        settles
          ? item.update
          : {
              status: 'unreconciled',
              estimated: true,
              cost_nano_usd: trx.ref('held_nano_usd'),
            },
      );
    if (changed === 0) {
      continue;
    }
    result.ended.add(item.attemptId);
    (settles ? settled : unreconciled).push(item.attemptId);
    for (const hold of holdsOf.get(item.attemptId) ?? []) {
      const held = Number(hold.held_nano_usd);
      const key = {
        budgetId: hold.budget_id,
        windowStart: Number(hold.window_start),
      };
      const cost = settles ? item.costNanoUsd : held;
      // What was settled at its estimate is corrected by the difference.
      counters.release(key, hold.state === 'held' ? held : 0);
      counters.spend(key, hold.state === 'held' ? cost : cost - held);
      if (cost > held) {
        result.overruns.set(item.attemptId, cost - held);
      }
    }
  }
  for (const [state, ids] of [
    ['settled', settled],
    ['unreconciled', unreconciled],
  ] as const) {
    if (ids.length > 0) {
      await trx(HOLDS).whereIn('attempt_id', ids).update({ state });
    }
  }
}

import type { Knex } from 'knex';
import type { CallFilter } from '../ledger/callFilter';
import { callSums } from '../ledger/callSums';
import type { LedgerNames } from '../ledger/LedgerNames';
import { CALLS } from '../ledger/tables';
import type { Budget, BudgetScope } from './budget';
import { BUDGET_WINDOWS, HOLD_SET_COUNTERS } from './tables';
import { windowEnd, windowStart } from './windows';

const FIELDS: Record<
  Exclude<BudgetScope['type'], 'organisation'>,
  keyof CallFilter
> = {
  agent: 'agentRef',
  owner: 'ownerRef',
  system: 'systemRef',
  domain: 'domainRef',
  model: 'model',
  user: 'userRef',
  key: 'keyId',
  run: 'runId',
};

/**
 * What the ledger says was spent in a scope since a moment: where a budget that
 * begins in the middle of a window has to start counting.
 */
export async function carriedSpend(
  trx: Knex,
  names: LedgerNames,
  { scope }: Pick<Budget, 'scope'>,
  from: number,
  to?: number,
): Promise<number> {
  const summed = await callSums(
    { db: trx, names },
    {
      from,
      to,
      ...(scope.type !== 'organisation' && { [FIELDS[scope.type]]: scope.ref }),
    },
  );
  const [row] = summed
    ? await summed.query.sum({ spent: 'cost_nano_usd' })
    : [];
  return Number(row?.spent ?? 0);
}

/**
 * Brings up to date what the first window of a budget carries: all that the ledger
 * says was spent in its scope, but for the calls that hold on it and are counted
 * one by one.
 */
export async function carryOver(
  trx: Knex,
  names: LedgerNames,
  budget: Pick<Budget, 'id' | 'scope' | 'window' | 'createdAt'>,
): Promise<void> {
  const start = windowStart(budget.window, budget.createdAt);
  const counter = { budget_id: budget.id, window_start: start };
  // A write first: until the end of the transaction no call that holds on it is settled.
  await trx(BUDGET_WINDOWS).where(counter).increment('carried_nano_usd', 0);
  const [held] = await trx({ k: HOLD_SET_COUNTERS })
    .join({ c: CALLS }, 'c.hold_set_id', 'k.set_id')
    .where({ 'k.counter_id': budget.id, 'k.window_start': start })
    .whereNot('c.status', 'started')
    .sum({ spent: 'c.cost_nano_usd' });
  const spent = await carriedSpend(
    trx,
    names,
    budget,
    start,
    windowEnd(budget.window, start),
  );
  const window = await trx(BUDGET_WINDOWS)
    .where(counter)
    .first('carried_nano_usd');
  const more =
    spent - Number(held?.spent ?? 0) - Number(window?.carried_nano_usd ?? 0);
  if (more !== 0) {
    await trx(BUDGET_WINDOWS)
      .where(counter)
      .increment({ carried_nano_usd: more, spent_nano_usd: more });
  }
}

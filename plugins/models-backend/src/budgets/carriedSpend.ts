import type { Knex } from 'knex';
import type { CallFilter } from '../ledger/callFilter';
import { callSums } from '../ledger/callSums';
import type { LedgerNames } from '../ledger/LedgerNames';
import type { Budget, BudgetScope } from './budget';

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
): Promise<number> {
  const summed = await callSums(
    { db: trx, names },
    {
      from,
      ...(scope.type !== 'organisation' && { [FIELDS[scope.type]]: scope.ref }),
    },
  );
  const [row] = summed
    ? await summed.query.sum({ spent: 'cost_nano_usd' })
    : [];
  return Number(row?.spent ?? 0);
}

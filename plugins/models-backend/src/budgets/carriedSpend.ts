import type { Knex } from 'knex';
import { CALLS } from '../ledger/tables';
import type { LedgerNames } from '../ledger/LedgerNames';
import type { Budget } from './budget';

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
  const query = trx(CALLS)
    .where('created_at', '>=', from)
    .sum({ spent: 'cost_nano_usd' });
  if (scope.type === 'run') {
    query.where('run_id', scope.ref);
  } else if (scope.type !== 'organisation') {
    const id = await names.knownId(scope.ref, trx);
    if (id === undefined) {
      return 0;
    }
    query.where(`${scope.type}_id`, id);
  }
  const [row] = await query;
  return Number(row?.spent ?? 0);
}

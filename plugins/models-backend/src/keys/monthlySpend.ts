import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { CALLS } from '../ledger/tables';

/** What calls with a key came to. Money in integer nano-USD. */
export interface KeySpend {
  calls: number;
  costNanoUsd: number;
}

/** What keys spent since the start of the UTC month; all in one query. */
export async function monthlySpend(
  ledger: DatabaseCallLedger,
  keyIds: string[],
): Promise<Map<string, KeySpend>> {
  const numbers = new Map<number, string>();
  for (const id of keyIds) {
    const number = await ledger.names.knownId(id);
    if (number !== undefined) {
      numbers.set(number, id);
    }
  }
  const now = new Date();
  const rows: Array<Record<string, unknown>> = await ledger
    .db(CALLS)
    .select('key_id')
    .whereIn('key_id', [...numbers.keys()])
    .where(
      'created_at',
      '>=',
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth()),
    )
    .groupBy('key_id')
    .count({ calls: '*' })
    .sum({ cost: 'cost_nano_usd' });
  const spend = rows.map((row): [string, KeySpend] => [
    numbers.get(Number(row.key_id))!,
    { calls: Number(row.calls), costNanoUsd: Number(row.cost ?? 0) },
  ]);
  return new Map(spend);
}

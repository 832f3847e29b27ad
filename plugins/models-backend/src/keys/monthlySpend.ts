import { callSums } from '../ledger/callSums';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';

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
  const summed = await callSums(ledger, {
    from: Date.UTC(now.getUTCFullYear(), now.getUTCMonth()),
  });
  const rows: Array<Record<string, unknown>> = await summed!.query
    .select('key_id')
    .whereIn('key_id', [...numbers.keys()])
    .groupBy('key_id')
    .sum({ calls: 'calls', cost: 'cost_nano_usd' });
  const spend = rows.map((row): [string, KeySpend] => [
    numbers.get(Number(row.key_id))!,
    { calls: Number(row.calls), costNanoUsd: Number(row.cost ?? 0) },
  ]);
  return new Map(spend);
}

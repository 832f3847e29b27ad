import type { CallFilter } from './callFilter';
import { callSums, DAY_MS } from './callSums';
import type { DatabaseCallLedger } from './DatabaseCallLedger';

/** What calls cost on each day (UTC) that had any, in nano-USD. */
export async function queryDailyCosts(
  ledger: DatabaseCallLedger,
  filter: CallFilter,
): Promise<Map<string, number>> {
  const summed = await callSums(ledger, filter);
  if (!summed) {
    return new Map();
  }
  const rows = await summed.query
    .select('day')
    .sum({ cost: 'cost_nano_usd' })
    .groupBy('day');
  return new Map(
    rows.map((row: { day: number | string; cost: number | string }) => [
      new Date(Number(row.day) * DAY_MS).toISOString().slice(0, 10),
      Number(row.cost),
    ]),
  );
}

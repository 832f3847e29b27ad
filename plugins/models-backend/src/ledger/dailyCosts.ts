import { type CallFilter, filterCalls } from './costs';
import type { DatabaseCallLedger } from './DatabaseCallLedger';

const DAY_MS = 86_400_000;

/** What calls cost on each day (UTC) that had any, in nano-USD. */
export async function queryDailyCosts(
  ledger: DatabaseCallLedger,
  filter: CallFilter,
): Promise<Map<string, number>> {
  const filtered = await filterCalls(ledger, filter);
  if (!filtered) {
    return new Map();
  }
  const day = `(created_at / ${DAY_MS})`;
  const rows = await filtered.query
    .select(ledger.db.raw(`${day} as day`))
    .sum({ cost: 'cost_nano_usd' })
    .groupByRaw(day);
  return new Map(
    rows.map((row: { day: number | string; cost: number | string }) => [
      new Date(Number(row.day) * DAY_MS).toISOString().slice(0, 10),
      Number(row.cost),
    ]),
  );
}

import type { Knex } from 'knex';
import { burstOf, type RateRow } from './RateCounters';
import type { RateLimit } from './rateLimit';
import { amountOf } from './RateLimitStore';

const MINUTE_US = 60_000_000;

/** How much of a rate limit is taken now, and how much is left. */
export interface RateUsage {
  used: number;
  left: number;
}

/** Reads the standing of rate limits, all in one query. */
export async function rateUsage(
  db: Knex,
  limits: RateLimit[],
  now: number,
): Promise<Map<string, RateUsage>> {
  const rows: RateRow[] = await db('model_rate_counters').whereIn(
    'limit_id',
    limits.map(limit => limit.id),
  );
  const counters = new Map(rows.map(row => [row.limit_id, row]));
  return new Map(
    limits.map(limit => [
      limit.id,
      usageOf(limit, counters.get(limit.id), now),
    ]),
  );
}

function usageOf(
  limit: RateLimit,
  row: RateRow | undefined,
  now: number,
): RateUsage {
  const most = amountOf(limit);
  if (limit.measure === 'parallel') {
    const used = row?.in_use ?? 0;
    return { used, left: Math.max(0, most - used) };
  }
  if (most === 0) {
    return { used: 0, left: 0 };
  }
  // What was taken has flowed in again at that moment.
  const aheadUs = Math.max(0, Number(row?.arrival_us ?? 0) - now * 1000);
  const used = Math.ceil((aheadUs * most) / MINUTE_US);
  return { used, left: Math.max(0, Math.floor(burstOf(limit) - used)) };
}

import type { Knex } from 'knex';
import {
  type CallFilter,
  filterCalls,
  type LedgerTables,
  narrowBy,
  whereCreated,
} from './callFilter';
import { isPostgres } from './PostgresConnection';
import { CALLS, DAILY_COSTS, OPEN_CALLS } from './tables';

/** Days are whole divisions of UTC milliseconds: the same on every database. */
export const DAY_MS = 86_400_000;

/** The columns that sums are told apart by. */
const KEY_COLUMNS = [
  'provider_id',
  'model_id',
  'price_version_id',
  'route_id',
  'agent_id',
  'owner_id',
  'system_id',
  'domain_id',
  'user_id',
  'key_id',
] as const;

const CALL_COLUMNS = [
  'input_uncached',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'input_audio',
  'input_image',
  'output_text',
  'reasoning',
  'output_audio',
  'output_image',
  'cost_nano_usd',
  'saved_by_cache_nano_usd',
  'saved_by_routing_nano_usd',
  'saved_by_compression_nano_usd',
] as const;

/** The columns of a source of sums that are to be summed up further. */
export const SUM_COLUMNS = ['calls', 'cached_calls', ...CALL_COLUMNS] as const;

/**
 * What calls came to, for queries that sum it up further: a row for each day (UTC)
 * and each combination of names, from the sums of whole days, and from the ledger
 * for what has not ended and for parts of days. It is one query, so all of it is of
 * one moment. `undefined` when the filter names something that no call ever had;
 * the query is in a box, because awaiting a bare one runs it.
 *
 * @param options - `byRun`: with the column `run_id`, which days are not summed by
 */
export async function callSums(
  ledger: LedgerTables,
  filter: CallFilter,
  options: { byRun?: boolean } = {},
): Promise<{ query: Knex.QueryBuilder } | undefined> {
  const { db } = ledger;
  const box = (parts: Knex.QueryBuilder[]) => ({
    query: db.from(db.unionAll(parts).as('sums')),
  });
  if (options.byRun || filter.runId !== undefined) {
    const filtered = await filterCalls(ledger, filter);
    return filtered && box([ofCalls(db, filtered.query).select('run_id')]);
  }
  const narrow = await narrowBy(ledger, filter);
  if (!narrow) {
    return undefined;
  }
  const { from, to } = filter;
  const first = from === undefined ? -Infinity : Math.ceil(from / DAY_MS);
  const end = to === undefined ? Infinity : Math.floor(to / DAY_MS);
  const calls = () => ofCalls(db, narrow(db(CALLS)));
  if (end < first) {
    return box([whereCreated(calls(), from, to)]);
  }
  const parts: Knex.QueryBuilder[] = [];
  const whole = {
    from: from === undefined ? undefined : first * DAY_MS,
    to: to === undefined ? undefined : end * DAY_MS,
  };
  if (end > first) {
    const days = ofDays(db, narrow(db(DAILY_COSTS)));
    if (from !== undefined) {
      days.where('day', '>=', first);
    }
    if (to !== undefined) {
      days.where('day', '<', end);
    }
    parts.push(
      days,
      whereCreated(
        ofCalls(db, narrow(openCalls(db))),
        whole.from,
        whole.to,
      ).where('status', 'started'),
    );
  }
  if (from !== whole.from) {
    parts.push(whereCreated(calls(), from, whole.from));
  }
  if (to !== whole.to) {
    parts.push(whereCreated(calls(), whole.to, to));
  }
  return box(parts.length > 0 ? parts : [whereCreated(calls(), from, to)]);
}

/** Beginning with the few that there are, which SQLite would not do by itself. */
function openCalls(db: Knex): Knex.QueryBuilder {
  return db(OPEN_CALLS).joinRaw(
    `${isPostgres(db) ? 'inner' : 'cross'} join ${CALLS} on id = call_id`,
  );
}

function ofDays(db: Knex, query: Knex.QueryBuilder): Knex.QueryBuilder {
  return query
    .select('day', 'unreconciled')
    .select(KEY_COLUMNS.map(key => db.raw(`nullif(${key}, 0) as ${key}`)))
    .select(SUM_COLUMNS)
    .where('calls', '>', 0);
}

function ofCalls(db: Knex, query: Knex.QueryBuilder): Knex.QueryBuilder {
  return query
    .select(
      db.raw(`created_at / ${DAY_MS} as day`),
      db.raw(
        "case status when 'unreconciled' then 1 else 0 end as unreconciled",
      ),
    )
    .select(KEY_COLUMNS)
    .select(
      db.raw('1 as calls'),
      // What it cost when it was made is noted on every answer from memory.
      db.raw(
        'case when saved_by_cache_nano_usd is null then 0 else 1 end as cached_calls',
      ),
    )
    .select(CALL_COLUMNS);
}

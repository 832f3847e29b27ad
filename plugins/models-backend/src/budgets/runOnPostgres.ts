import { END_COLUMNS, START_COLUMNS } from '../ledger/callRow';
import { CALLS } from '../ledger/tables';
import { RateCounters } from '../rateLimits/RateCounters';
import {
  begin,
  type Crossing,
  end,
  type EndingItem,
  type ItemResult,
  type JournalItem,
  type Locked,
  type OpenItem,
} from './holdBatch';
import { BUDGETS, BUDGET_WINDOWS, RATE_COUNTERS } from './tables';
import { WindowCounters } from './WindowCounters';

/** One statement after the other on one connection of PostgreSQL. */
export type Query = (
  sql: string,
  values?: unknown[],
) => Promise<{ rows: any[]; rowCount: number | null }>;

/** A limit was lowered while a batch was judged; judge it again. */
export class BudgetMovedError extends Error {}

const starts = Object.keys(START_COLUMNS);
const ends = Object.keys(END_COLUMNS);
const arrays = (types: string[], from = 1) =>
  types.map((type, i) => `$${i + from}::${type}[]`).join(', ');

const INSERT = `insert into ${CALLS} (${starts.join(
  ', ',
)}) select * from unnest(${arrays(Object.values(START_COLUMNS))})`;
const SETTLE = `
  with ended as (
    select * from unnest(${arrays(['text', ...Object.values(END_COLUMNS)])})
      as ended (id, ${ends.join(', ')})
  ), found as (
    select c.id, c.status as was from ${CALLS} c
    where c.id = any($1::text[]) and c.status in ('started', 'unreconciled')
    order by c.id for update
  )
  update ${CALLS} c set ${ends
  .map(column => `${column} = ended.${column}`)
  .join(', ')}
  from ended join found on found.id = ended.id
  where c.id = found.id
  returning c.id, found.was`;
const GIVE_UP = `
  update ${CALLS} set status = 'unreconciled', estimated = true,
    cost_nano_usd = coalesce(held_nano_usd, 0)
  where id = any($1::text[]) and status = 'started'
  returning id, 'started' as was`;
const LOCK_WINDOWS = `
  select w.*, b.* from ${BUDGET_WINDOWS} w join ${BUDGETS} b on b.id = w.budget_id
  where (w.budget_id, w.window_start) in
    (select * from unnest($1::text[], $2::bigint[]))
  order by w.budget_id, w.window_start for update of w`;
const LOCK_RATES = `
  select * from ${RATE_COUNTERS} where limit_id = any($1::text[])
  order by limit_id for update`;
const NOW = `
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now_us`;
// The limit may have been lowered since it was read.
const WRITE_WINDOWS = `
  update ${BUDGET_WINDOWS} w set spent_nano_usd = v.spent, held_nano_usd = v.held,
    announced = v.announced
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::boolean[])
    as v (budget_id, window_start, spent, held, announced, lent)
  where w.budget_id = v.budget_id and w.window_start = v.window_start
    and (not v.lent or v.spent + v.held <=
      (select limit_nano_usd from ${BUDGETS} b where b.id = v.budget_id))`;
const WRITE_RATES = `
  update ${RATE_COUNTERS} r set arrival_us = v.arrival_us, in_use = v.in_use
  from unnest($1::text[], $2::bigint[], $3::int[]) as v (limit_id, arrival_us, in_use)
  where r.limit_id = v.limit_id`;

/**
 * A batch on PostgreSQL. The counters are locked first and always in the same
 * order, so batches of several processes cannot lock each other out; then
 * everything that ends makes room, and whoever wants to begin is judged in turn.
 */
export async function runOnPostgres(
  query: Query,
  items: readonly JournalItem[],
): Promise<{ results: ItemResult[]; crossings: Crossing[] }> {
  const locked = await lock(query, items);
  const results = new Map<JournalItem, ItemResult>();
  const ending = items.filter(item => item.kind !== 'open');
  if (ending.length > 0) {
    const ended = await endAll(query, ending);
    for (const item of ending) {
      const was = ended.get(item.attemptId);
      // Of two ends of one attempt the first holds.
      ended.delete(item.attemptId);
      results.set(item, was ? end(locked, item, was) : { ended: false });
    }
  }
  const begun: OpenItem[] = [];
  for (const item of items) {
    if (item.kind === 'open') {
      const result = begin(locked, item);
      results.set(item, result);
      if (!result.refusal && !result.rateRefusal) {
        begun.push(item);
      }
    }
  }
  const crossings = locked.windows.crossings();
  await write(query, locked);
  if (begun.length > 0) {
    await query(
      INSERT,
      starts.map((_, column) => begun.map(item => item.values[column])),
    );
  }
  return { results: items.map(item => results.get(item)!), crossings };
}

async function lock(
  query: Query,
  items: readonly JournalItem[],
): Promise<Locked> {
  const windows = new Map<string, [string, number]>();
  const limits = new Set<string>();
  for (const { hold } of items) {
    for (const { id, budgetId, windowStart } of hold?.set.windows ?? []) {
      windows.set(id, [budgetId, windowStart]);
    }
    hold?.set.limitIds.forEach(id => limits.add(id));
  }
  const keys = [...windows.values()];
  const locked = keys.length
    ? await query(LOCK_WINDOWS, [keys.map(key => key[0]), keys.map(k => k[1])])
    : { rows: [] };
  if (limits.size === 0) {
    return {
      windows: new WindowCounters(locked.rows),
      rates: new RateCounters([], 0),
    };
  }
  const { rows } = await query(LOCK_RATES, [[...limits]]);
  // Not before the locks are there: others were let through until then.
  const time = await query(NOW);
  return {
    windows: new WindowCounters(locked.rows),
    rates: new RateCounters(rows, Number(time.rows[0].now_us)),
  };
}

async function endAll(
  query: Query,
  items: readonly EndingItem[],
): Promise<Map<string, 'started' | 'unreconciled'>> {
  const settling = new Map(
    items
      .filter(item => item.kind === 'settle')
      .reverse()
      .map(item => [item.attemptId, item.values]),
  );
  const givenUp = items
    .filter(item => item.kind === 'reconcile' && !settling.has(item.attemptId))
    .map(item => item.attemptId);
  const ended = new Map<string, 'started' | 'unreconciled'>();
  const note = (rows: any[]) => rows.forEach(row => ended.set(row.id, row.was));
  if (settling.size > 0) {
    const values = [...settling.values()];
    const { rows } = await query(SETTLE, [
      [...settling.keys()],
      ...ends.map((_, column) => values.map(value => value[column])),
    ]);
    note(rows);
  }
  if (givenUp.length > 0) {
    note((await query(GIVE_UP, [givenUp])).rows);
  }
  return ended;
}

async function write(query: Query, locked: Locked): Promise<void> {
  const windows = locked.windows.changes();
  if (windows.length > 0) {
    const { rowCount } = await query(WRITE_WINDOWS, [
      windows.map(({ key }) => key.budgetId),
      windows.map(({ key }) => key.windowStart),
      windows.map(({ spent }) => spent),
      windows.map(({ held }) => held),
      windows.map(({ announced }) => announced),
      windows.map(({ lent }) => lent),
    ]);
    if (rowCount !== windows.length) {
      throw new BudgetMovedError();
    }
  }
  const rates = locked.rates.changes();
  if (rates.length > 0) {
    await query(WRITE_RATES, [
      rates.map(({ id }) => id),
      rates.map(({ arrivalUs }) => arrivalUs),
      rates.map(({ inUse }) => inUse),
    ]);
  }
}

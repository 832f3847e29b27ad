import { LRUCache } from 'lru-cache';
import { END_COLUMNS, START_COLUMNS } from '../ledger/callRow';
import type { Prepare } from '../ledger/SqliteConnection';
import { CALLS } from '../ledger/tables';
import { RateCounters, type RateRow } from '../rateLimits/RateCounters';
import {
  begin,
  type Crossing,
  end,
  type EndingItem,
  type ItemResult,
  type JournalItem,
  type Locked,
  undo,
} from './holdBatch';
import { BUDGETS, BUDGET_WINDOWS, RATE_COUNTERS } from './tables';
import { type JoinedRow, WindowCounters } from './WindowCounters';

const starts = Object.keys(START_COLUMNS);
const ends = Object.keys(END_COLUMNS);

const INSERT = `insert into ${CALLS} (${starts.join(', ')}) values (${starts
  .map(() => '?')
  .join(', ')})`;
const SETTLE = `update ${CALLS} set ${ends
  .map(column => `${column} = ?`)
  .join(', ')} where id = ? and status = `;
const SETTLE_STARTED = `${SETTLE}'started'`;
const SETTLE_GIVEN_UP = `${SETTLE}'unreconciled'`;
const GIVE_UP = `update ${CALLS} set status = 'unreconciled', estimated = 1, cost_nano_usd = coalesce(held_nano_usd, 0) where id = ? and status = 'started'`;
const READ_WINDOW = `select w.*, b.* from ${BUDGET_WINDOWS} w join ${BUDGETS} b on b.id = w.budget_id where w.budget_id = ? and w.window_start = ?`;
const WRITE_WINDOW = `update ${BUDGET_WINDOWS} set spent_nano_usd = ?, held_nano_usd = ?, announced = ? where budget_id = ? and window_start = ?`;
const READ_RATE = `select * from ${RATE_COUNTERS} where limit_id = ?`;
const WRITE_RATE = `update ${RATE_COUNTERS} set arrival_us = ?, in_use = ? where limit_id = ?`;

/** Far more than a batch has. */
const MAX_REMEMBERED = 10_000;

/** Counters as they were last read or written. */
export class RememberedRows {
  readonly windows = new LRUCache<string, JoinedRow>({ max: MAX_REMEMBERED });
  readonly rates = new LRUCache<string, RateRow>({ max: MAX_REMEMBERED });

  clear(): void {
    this.windows.clear();
    this.rates.clear();
  }
}

/**
 * A batch on SQLite, inside of a transaction that alone may write: everything that
 * ends makes room, then whoever wants to begin is judged in turn. A row that the
 * database refuses fails alone.
 */
export function runOnSqlite(
  prepare: Prepare,
  items: readonly JournalItem[],
  remembered: RememberedRows,
): { results: ItemResult[]; crossings: Crossing[] } {
  const locked = read(prepare, items, remembered);
  const results: ItemResult[] = new Array(items.length);
  items.forEach((item, index) => {
    if (item.kind !== 'open') {
      results[index] = alone(() => endOne(prepare, locked, item));
    }
  });
  items.forEach((item, index) => {
    if (item.kind === 'open') {
      const result = begin(locked, item);
      results[index] = result;
      if (!result.refusal && !result.rateRefusal) {
        const { fault } = alone(() => {
          prepare(INSERT).run(...item.values);
          return {};
        });
        if (fault !== undefined) {
          undo(locked, item);
          results[index] = { fault };
        }
      }
    }
  });
  const crossings = locked.windows.crossings();
  write(prepare, locked, remembered);
  return { results, crossings };
}

function endOne(
  prepare: Prepare,
  locked: Locked,
  item: EndingItem,
): ItemResult {
  const { attemptId, kind } = item;
  const values = kind === 'settle' ? [...item.values, attemptId] : [attemptId];
  const first = kind === 'settle' ? SETTLE_STARTED : GIVE_UP;
  if (prepare(first).run(...values).changes > 0) {
    return end(locked, item, 'started');
  }
  // What was given up takes the true figures after all.
  if (
    kind === 'settle' &&
    prepare(SETTLE_GIVEN_UP).run(...values).changes > 0
  ) {
    return end(locked, item, 'unreconciled');
  }
  return { ended: false };
}

function read(
  prepare: Prepare,
  items: readonly JournalItem[],
  remembered: RememberedRows,
): Locked {
  const windows: JoinedRow[] = [];
  const rates: RateRow[] = [];
  const setsSeen = new Set<number>();
  const seen = new Set<string>();
  for (const { hold } of items) {
    if (!hold || setsSeen.has(hold.set.id)) {
      continue;
    }
    setsSeen.add(hold.set.id);
    for (const { id, budgetId, windowStart } of hold.set.windows) {
      if (!seen.has(id)) {
        seen.add(id);
        const row =
          remembered.windows.get(id) ??
          prepare(READ_WINDOW).get(budgetId, windowStart);
        if (row) {
          remembered.windows.set(id, row);
          windows.push(row);
        }
      }
    }
    for (const id of hold.set.limitIds) {
      if (!seen.has(id)) {
        seen.add(id);
        const row = remembered.rates.get(id) ?? prepare(READ_RATE).get(id);
        if (row) {
          remembered.rates.set(id, row);
          rates.push(row);
        }
      }
    }
  }
  return {
    windows: new WindowCounters(windows),
    rates: new RateCounters(rates, Date.now() * 1000),
  };
}

function write(
  prepare: Prepare,
  locked: Locked,
  remembered: RememberedRows,
): void {
  for (const { key, spent, held, announced } of locked.windows.changes()) {
    const { budgetId, windowStart } = key;
    prepare(WRITE_WINDOW).run(spent, held, announced, budgetId, windowStart);
    const row = remembered.windows.get(key.id)!;
    row.spent_nano_usd = spent;
    row.held_nano_usd = held;
    row.announced = announced;
  }
  for (const { id, arrivalUs, inUse } of locked.rates.changes()) {
    prepare(WRITE_RATE).run(arrivalUs, inUse, id);
    const row = remembered.rates.get(id)!;
    row.arrival_us = arrivalUs;
    row.in_use = inUse;
  }
}

/** A broken constraint is one row's fault; anything else is everybody's. */
function alone(work: () => ItemResult): ItemResult {
  try {
    return work();
  } catch (error) {
    const code = String((error as { code?: unknown } | null)?.code ?? '');
    if (code.startsWith('SQLITE_CONSTRAINT') || error instanceof TypeError) {
      return { fault: error };
    }
    throw error;
  }
}

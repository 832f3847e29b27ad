import type {
  CostDimension,
  CostItem,
  CostSums,
  CostTotals,
} from '@agentportal/plugin-models-common';
import type { Knex } from 'knex';
import type { CallFilter } from './callFilter';
import { callSums, DAY_MS, SUM_COLUMNS } from './callSums';
import type { DatabaseCallLedger } from './DatabaseCallLedger';

export interface CostRequest extends CallFilter {
  groupBy: CostDimension;
  splitBy?: CostDimension;
  limit: number;
  offset: number;
}

interface GroupRow extends Record<string, unknown> {
  group_key: unknown;
  split_key?: unknown;
}

function columnOf(dimension: CostDimension): string {
  return dimension === 'day' ? 'day' : `${dimension}_id`;
}

/** Sums the ledger in groups, and over everything that the filter lets through. */
export async function queryCosts(
  ledger: DatabaseCallLedger,
  request: CostRequest,
): Promise<{ items: CostItem[]; totals: CostSums; more: boolean }> {
  const { db } = ledger;
  const { groupBy, splitBy, limit, offset } = request;
  const summed = await callSums(ledger, request, {
    byRun: groupBy === 'run' || splitBy === 'run',
  });
  if (!summed) {
    return { items: [], totals: toSums(undefined), more: false };
  }
  const group = columnOf(groupBy);
  const split = splitBy && columnOf(splitBy);
  const groups = summed.query
    .clone()
    .select(db.raw(`${group} as group_key`))
    .groupByRaw(split ? `${group}, ${split}` : group)
    .limit(limit + 1)
    .offset(offset);
  addSums(groups);
  if (split) {
    groups.select(db.raw(`${split} as split_key`));
  }
  groups.orderByRaw(
    groupBy === 'day'
      ? `${group} asc`
      : `sum(cost_nano_usd) desc, ${group} asc`,
  );
  if (split) {
    groups.orderByRaw(`${split} asc`);
  }
  // In all, runs need not be told apart, and then days are summed up already.
  const totals = (await callSums(ledger, request))!.query;
  addSums(totals);
  const [rows, [total]] = await Promise.all([groups, totals]);

  const page: GroupRow[] = rows.slice(0, limit);
  const ids: number[] = [];
  for (const row of page) {
    collectId(ids, groupBy, row.group_key);
    if (splitBy) {
      collectId(ids, splitBy, row.split_key);
    }
  }
  const names = await ledger.names.namesOf(ids);
  return {
    more: rows.length > limit,
    totals: toSums(total),
    items: page.map(row => ({
      key: toKey(groupBy, row.group_key, names),
      ...(splitBy && { split: toKey(splitBy, row.split_key, names) }),
      ...toSums(row),
    })),
  };
}

/** Sums per model and per route, by name. */
export async function queryUsage(
  ledger: DatabaseCallLedger,
  filter: CallFilter,
): Promise<Map<string, CostTotals>> {
  const usage = new Map<string, CostTotals>();
  const summed = await callSums(ledger, filter);
  if (!summed) {
    return usage;
  }
  for (const column of ['model_id', 'route_id']) {
    const query = summed.query
      .clone()
      .select(`${column} as group_key`)
      .whereNotNull(column)
      .groupBy(column);
    addSums(query);
    const rows: Array<Record<string, any>> = await query;
    const names = await ledger.names.namesOf(rows.map(row => row.group_key));
    for (const row of rows) {
      usage.set(names.get(row.group_key) ?? '', toTotals(row));
    }
  }
  return usage;
}

function addSums(query: Knex.QueryBuilder): void {
  SUM_COLUMNS.forEach(column => query.sum({ [column]: column }));
}

function toSums(row: Record<string, unknown> | undefined): CostSums {
  return {
    ...toTotals(row),
    cachedCalls: Number(row?.cached_calls ?? 0),
    savedNanoUsd: {
      cache: Number(row?.saved_by_cache_nano_usd ?? 0),
      routing: Number(row?.saved_by_routing_nano_usd ?? 0),
      compression: Number(row?.saved_by_compression_nano_usd ?? 0),
    },
  };
}

/** PostgreSQL gives sums as strings, and both give null over nothing. */
function toTotals(row: Record<string, unknown> | undefined): CostTotals {
  const sum = (...fields: string[]) =>
    fields.reduce((total, field) => total + Number(row?.[field] ?? 0), 0);
  return {
    calls: sum('calls'),
    inputTokens: sum(
      'input_uncached',
      'cache_read',
      'cache_write',
      'cache_write_1h',
      'input_audio',
      'input_image',
    ),
    outputTokens: sum(
      'output_text',
      'reasoning',
      'output_audio',
      'output_image',
    ),
    costNanoUsd: sum('cost_nano_usd'),
  };
}

function collectId(
  ids: number[],
  dimension: CostDimension,
  value: unknown,
): void {
  if (dimension !== 'day' && dimension !== 'run' && value !== null) {
    ids.push(Number(value));
  }
}

function toKey(
  dimension: CostDimension,
  value: unknown,
  names: Map<number, string>,
): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (dimension === 'day') {
    return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
  }
  return dimension === 'run' ? String(value) : names.get(Number(value)) ?? '';
}

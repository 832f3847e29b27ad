import { alternativesOf } from '@agentportal/plugin-agents-node';
import type {
  CostDimension,
  CostItem,
  CostSums,
  CostTotals,
} from '@agentportal/plugin-models-common';
import type { Knex } from 'knex';
import type { VisibleCalls } from '../access/CallRights';
import { filtersOf, whereCriteria } from '../access/criteria';
import type { DatabaseCallLedger } from './DatabaseCallLedger';
import { CALLS } from './tables';

const DAY_MS = 86_400_000;

/** Which calls a query is about; moments are ms since the epoch, half-open. */
export interface CallFilter {
  from?: number;
  to?: number;
  agentRef?: string;
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
  model?: string;
  userRef?: string;
  /** Id of the key of a program. */
  keyId?: string;
  runId?: string;
  /** Name of a route. */
  route?: string;
  /** Those that the caller may see. */
  among?: VisibleCalls;
}

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

const NAME_COLUMNS: Record<string, keyof CallFilter> = {
  route_id: 'route',
  agent_id: 'agentRef',
  owner_id: 'ownerRef',
  system_id: 'systemRef',
  domain_id: 'domainRef',
  model_id: 'model',
  user_id: 'userRef',
  key_id: 'keyId',
};

/** Days are whole divisions of UTC milliseconds: the same on every database. */
function expressionOf(dimension: CostDimension): string {
  switch (dimension) {
    case 'day':
      return `(created_at / ${DAY_MS})`;
    case 'run':
      return 'run_id';
    default:
      return `${dimension}_id`;
  }
}

/** Sums the ledger in groups, and over everything that the filter lets through. */
export async function queryCosts(
  ledger: DatabaseCallLedger,
  request: CostRequest,
): Promise<{ items: CostItem[]; totals: CostSums; more: boolean }> {
  const { db } = ledger;
  const { groupBy, splitBy, limit, offset } = request;
  const filtered = await filterCalls(ledger, request);
  if (!filtered) {
    return { items: [], totals: toSums(undefined), more: false };
  }
  const group = expressionOf(groupBy);
  const split = splitBy && expressionOf(splitBy);
  const groups = filtered.query
    .clone()
    .select(db.raw(`${group} as group_key`))
    .groupByRaw(split ? `${group}, ${split}` : group)
    .limit(limit + 1)
    .offset(offset);
  addSums(groups);
  addSavings(groups);
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
  const totals = filtered.query.clone();
  addSums(totals);
  addSavings(totals);
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
  const filtered = await filterCalls(ledger, filter);
  if (!filtered) {
    return usage;
  }
  for (const column of ['model_id', 'route_id']) {
    const query = filtered.query
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

/**
 * The calls that a filter lets through, or `undefined` when it names something
 * that no call ever had. The query is in a box, because awaiting a bare one runs it.
 */
export async function filterCalls(
  ledger: DatabaseCallLedger,
  filter: CallFilter,
): Promise<{ query: Knex.QueryBuilder } | undefined> {
  const query = ledger.db(CALLS);
  for (const [column, field] of Object.entries(NAME_COLUMNS)) {
    const name = filter[field];
    if (name !== undefined) {
      const id = await ledger.names.knownId(String(name));
      if (id === undefined) {
        return undefined;
      }
      query.where(column, id);
    }
  }
  if (filter.runId !== undefined) {
    query.where('run_id', filter.runId);
  }
  if (filter.from !== undefined) {
    query.where('created_at', '>=', filter.from);
  }
  if (filter.to !== undefined) {
    query.where('created_at', '<', filter.to);
  }
  await whereVisible(ledger, query, filter.among);
  return { query };
}

/** More than a person has groups; then an index for each is no gain. */
const MAX_CONDITIONS = 100;

/**
 * The calls that a caller may see as conditions of which each is one value of one
 * column, and one has to hold. `undefined` when it is not that simple, or when
 * all may be seen.
 */
export async function visibleByOne(
  { names }: DatabaseCallLedger,
  among: VisibleCalls,
): Promise<Array<Record<string, number>> | undefined> {
  const filters = among && alternativesOf(among);
  if (!filters) {
    return undefined;
  }
  const wanted = filters.flatMap(filter =>
    'userRef' in filter
      ? [['user_id', filter.userRef]]
      : filter.ownerRefs.map(ref => ['owner_id', ref]),
  );
  if (wanted.length > MAX_CONDITIONS) {
    return undefined;
  }
  const conditions = await Promise.all(
    wanted.map(async ([column, name]) => {
      const id = await names.knownId(name);
      return id === undefined ? [] : [{ [column]: id }];
    }),
  );
  return conditions.flat();
}

async function whereVisible(
  { names }: DatabaseCallLedger,
  query: Knex.QueryBuilder,
  among: VisibleCalls,
): Promise<void> {
  const ids = new Map<string, number>();
  for (const filter of filtersOf(among)) {
    for (const name of 'userRef' in filter
      ? [filter.userRef]
      : filter.ownerRefs) {
      const id = await names.knownId(name);
      if (id !== undefined) {
        ids.set(name, id);
      }
    }
  }
  whereCriteria(query, among, (where, filter) => {
    const [column, refs] =
      'userRef' in filter
        ? ['user_id', [filter.userRef]]
        : ['owner_id', filter.ownerRefs];
    where.whereNotNull(column).whereIn(
      column,
      refs.flatMap(ref => ids.get(ref) ?? []),
    );
  });
}

function addSums(query: Knex.QueryBuilder): void {
  query
    .count({ calls: '*' })
    .sum({ input_uncached: 'input_uncached' })
    .sum({ cache_read: 'cache_read' })
    .sum({ cache_write: 'cache_write' })
    .sum({ cache_write_1h: 'cache_write_1h' })
    .sum({ input_audio: 'input_audio' })
    .sum({ input_image: 'input_image' })
    .sum({ output_text: 'output_text' })
    .sum({ reasoning: 'reasoning' })
    .sum({ output_audio: 'output_audio' })
    .sum({ output_image: 'output_image' })
    .sum({ cost: 'cost_nano_usd' });
}

function addSavings(query: Knex.QueryBuilder): void {
  query
    // What it cost when it was made is noted on every answer from memory.
    .count({ cached_calls: 'saved_by_cache_nano_usd' })
    .sum({ saved_by_cache: 'saved_by_cache_nano_usd' })
    .sum({ saved_by_routing: 'saved_by_routing_nano_usd' })
    .sum({ saved_by_compression: 'saved_by_compression_nano_usd' });
}

function toSums(row: Record<string, unknown> | undefined): CostSums {
  return {
    ...toTotals(row),
    cachedCalls: Number(row?.cached_calls ?? 0),
    savedNanoUsd: {
      cache: Number(row?.saved_by_cache ?? 0),
      routing: Number(row?.saved_by_routing ?? 0),
      compression: Number(row?.saved_by_compression ?? 0),
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
    costNanoUsd: sum('cost'),
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

import { alternativesOf } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { VisibleCalls } from '../access/CallRights';
import { filtersOf, whereCriteria } from '../access/criteria';
import type { DatabaseCallLedger } from './DatabaseCallLedger';
import { CALLS } from './tables';

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

/** What of the ledger is looked at; in a transaction, by that. */
export type LedgerTables = Pick<DatabaseCallLedger, 'db' | 'names'>;

/**
 * The calls that a filter lets through, or `undefined` when it names something
 * that no call ever had. The query is in a box, because awaiting a bare one runs it.
 */
export async function filterCalls(
  ledger: LedgerTables,
  filter: CallFilter,
): Promise<{ query: Knex.QueryBuilder } | undefined> {
  const narrow = await narrowBy(ledger, filter);
  return (
    narrow && {
      query: whereCreated(narrow(ledger.db(CALLS)), filter.from, filter.to),
    }
  );
}

/** What a filter says but for the time, for each table that has the same columns. */
export async function narrowBy(
  ledger: LedgerTables,
  filter: CallFilter,
): Promise<((query: Knex.QueryBuilder) => Knex.QueryBuilder) | undefined> {
  const ids: Array<[column: string, id: number]> = [];
  for (const [column, field] of Object.entries(NAME_COLUMNS)) {
    const name = filter[field];
    if (name !== undefined) {
      const id = await ledger.names.knownId(String(name), ledger.db);
      if (id === undefined) {
        return undefined;
      }
      ids.push([column, id]);
    }
  }
  const visible = await whereVisible(ledger, filter.among);
  return query => {
    ids.forEach(([column, id]) => query.where(column, id));
    if (filter.runId !== undefined) {
      query.where('run_id', filter.runId);
    }
    visible(query);
    return query;
  };
}

/** Narrows a query on calls to a time, half-open. */
export function whereCreated(
  query: Knex.QueryBuilder,
  from: number | undefined,
  to: number | undefined,
): Knex.QueryBuilder {
  if (from !== undefined) {
    query.where('created_at', '>=', from);
  }
  if (to !== undefined) {
    query.where('created_at', '<', to);
  }
  return query;
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
  { db, names }: LedgerTables,
  among: VisibleCalls,
): Promise<(query: Knex.QueryBuilder) => void> {
  const ids = new Map<string, number>();
  for (const filter of filtersOf(among)) {
    for (const name of 'userRef' in filter
      ? [filter.userRef]
      : filter.ownerRefs) {
      const id = await names.knownId(name, db);
      if (id !== undefined) {
        ids.set(name, id);
      }
    }
  }
  return query =>
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

import type { Within } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { Readable } from '../permissions/TraceAccess';
import type { TraceNames } from '../store/TraceNames';

/** Leaves the rows of a table with the columns `owner` and `user_ref` that are in it. */
export type Scope = (select: Knex.QueryBuilder) => Knex.QueryBuilder;

/**
 * What somebody may read, as queries that each have an index: one for each owner and one
 * for the person. One query for all of them would read every row of the time.
 */
export async function scopesOf(
  readable: Readable,
  names: TraceNames,
): Promise<Scope[]> {
  if (!readable) {
    return [select => select];
  }
  const parts = 'anyOf' in readable ? readable.anyOf : [readable];
  const scopes: Scope[] = [];
  for (const part of parts) {
    if (!('key' in part)) {
      const ids = await ownerIds(readable, names);
      return [select => narrow(select, readable, ids)];
    }
    if (part.key === 'user') {
      for (const ref of part.values) {
        scopes.push(select => select.andWhere('user_ref', ref));
      }
    } else {
      const ids = await names.find('owner', part.values);
      for (const id of ids.values()) {
        scopes.push(select => select.andWhere('owner', id));
      }
    }
  }
  return scopes;
}

/** For figures, which know the owners of agents and no persons. */
export async function figureScope(
  readable: Readable,
  names: TraceNames,
): Promise<Scope> {
  if (!readable) {
    return select => select;
  }
  const ids = await ownerIds(readable, names);
  return select => narrow(select, readable, ids, true);
}

/** Leaves what is of some agents, in a table with the columns `agent` and `owner`. */
export async function withinScope(
  within: Within | undefined,
  names: TraceNames,
): Promise<Scope> {
  if (!within) {
    return select => select;
  }
  const [column, refs] =
    'owners' in within
      ? (['owner', within.owners] as const)
      : (['agent', within.agents] as const);
  const ids = [...(await names.find(column, refs)).values()];
  return select => select.whereIn(column, ids);
}

async function ownerIds(
  readable: NonNullable<Readable>,
  names: TraceNames,
): Promise<Map<string, number>> {
  return names.find('owner', ownersIn(readable));
}

function ownersIn(readable: NonNullable<Readable>): string[] {
  if ('anyOf' in readable) return readable.anyOf.flatMap(ownersIn);
  if ('allOf' in readable) return readable.allOf.flatMap(ownersIn);
  if ('not' in readable) return ownersIn(readable.not);
  return readable.key === 'owner' ? readable.values : [];
}

function narrow(
  select: Knex.QueryBuilder,
  readable: NonNullable<Readable>,
  owners: Map<string, number>,
  withoutPersons = false,
): Knex.QueryBuilder {
  return select.andWhere(where => {
    if ('anyOf' in readable) {
      where.whereRaw('1 = 0');
      readable.anyOf.forEach(one =>
        where.orWhere(of => void narrow(of, one, owners, withoutPersons)),
      );
    } else if ('allOf' in readable) {
      readable.allOf.forEach(
        one => void narrow(where, one, owners, withoutPersons),
      );
    } else if ('not' in readable) {
      where.whereNot(
        of => void narrow(of, readable.not, owners, withoutPersons),
      );
    } else if (readable.key === 'owner') {
      where.whereIn(
        'owner',
        readable.values.flatMap(ref => owners.get(ref) ?? []),
      );
    } else if (withoutPersons) {
      where.whereRaw('1 = 0');
    } else {
      where.whereIn('user_ref', readable.values);
    }
  });
}

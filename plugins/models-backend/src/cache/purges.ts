import type { Knex } from 'knex';
import { isPostgres } from '../ledger/PostgresConnection';
import { ENTRIES, PURGES } from './tables';

/** Whose answers; without any member, all. */
export interface PurgeScope {
  agentRef?: string;
  keyId?: string;
  userRef?: string;
}

/** The number of the newest purge. */
export async function latestPurge(db: Knex): Promise<number> {
  const row = await db(PURGES).max({ id: 'id' }).first();
  return Number(row?.id ?? 0);
}

/**
 * Forgets answers for every process at once. First it is written down that they
 * are purged, for the calls that are under way and would bring some back.
 *
 * @returns how many there were
 */
export async function purge(
  db: Knex,
  scope: PurgeScope,
  now: number,
): Promise<number> {
  const columns = toColumns(scope);
  await db.transaction(async transaction => {
    if (isPostgres(db)) {
      // The numbers become visible in their order, or one could be overlooked.
      await transaction.raw('lock table ?? in exclusive mode', [PURGES]);
    }
    await transaction(PURGES).insert({ ...columns, created_at: now });
  });
  return db(ENTRIES)
    .where(
      Object.fromEntries(
        Object.entries(columns).filter(([, value]) => value !== null),
      ),
    )
    .delete();
}

/** Whether an answer was purged after `mark`, before it came. */
export async function wasPurged(
  db: Knex,
  madeFor: PurgeScope,
  mark: number,
): Promise<boolean> {
  const query = db(PURGES).first('id').where('id', '>', mark);
  for (const [column, value] of Object.entries(toColumns(madeFor))) {
    query.where(at => {
      at.whereNull(column);
      if (value !== null) {
        at.orWhere(column, value);
      }
    });
  }
  return (await query) !== undefined;
}

function toColumns({ agentRef, keyId, userRef }: PurgeScope) {
  return {
    agent_ref: agentRef ?? null,
    key_id: keyId ?? null,
    user_ref: userRef ?? null,
  };
}

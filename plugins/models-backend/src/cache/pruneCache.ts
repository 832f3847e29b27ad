import type { Knex } from 'knex';
import { ENTRIES, PURGES } from './tables';

/** Longer than any call takes, so nothing under way can bring back what was purged. */
const KEEP_PURGES_MS = 2 * 24 * 3_600_000;
/** A process that ended in between leaves an entry that nobody finds. */
const UNFINISHED_MS = 600_000;
const BATCH = 500;

/**
 * Deletes what has expired, and of too much what was not used for longest.
 *
 * @returns how many answers
 */
export async function pruneCache(
  db: Knex,
  options: { now: number; maxEntries: number },
): Promise<number> {
  const { now, maxEntries } = options;
  let deleted = await db(ENTRIES)
    .where('expires_at', '<=', now)
    .where(at => {
      at.where('expires_at', '>', 0).orWhere(
        'created_at',
        '<',
        now - UNFINISHED_MS,
      );
    })
    .delete();
  const [row] = await db(ENTRIES).count({ count: '*' });
  for (let over = Number(row.count) - maxEntries; over > 0; over -= BATCH) {
    const stalest = await db(ENTRIES)
      .orderBy('last_used_at')
      .limit(Math.min(over, BATCH))
      .pluck('id');
    deleted += await db(ENTRIES).whereIn('id', stalest).delete();
  }
  await db(PURGES)
    .where('created_at', '<', now - KEEP_PURGES_MS)
    .delete();
  return deleted;
}

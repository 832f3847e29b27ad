import type { Knex } from 'knex';
import type { HoldJournal } from './HoldJournal';
import type { Instance } from './Instance';
import { HOLDS, INSTANCES } from './tables';

const PAGE = 200;

/**
 * Settles holds whose process is gone, or whose time is over, at what they held:
 * the provider may have been paid, and a budget must not believe otherwise. The
 * rows say `unreconciled`; true figures that come late correct them.
 *
 * @returns how many attempts there were
 */
export async function reconcileDeadHolds(options: {
  db: Knex;
  journal: HoldJournal;
  instance: Instance;
}): Promise<number> {
  const { db, instance, journal } = options;
  await instance.buryDead();
  let count = 0;
  for (;;) {
    const rows: Array<{
      attempt_id: string;
      budget_id: string;
      window_start: number | string;
    }> = await db(HOLDS)
      .select('attempt_id', 'budget_id', 'window_start')
      .where({ state: 'held' })
      .where(dead =>
        dead
          .where('expires_at', '<', Date.now())
          .orWhereNotIn('instance_id', db(INSTANCES).select('id')),
      )
      .orderBy('attempt_id')
      .limit(PAGE);
    if (rows.length === 0) {
      return count;
    }
    const results = await Promise.all(
      [...new Set(rows.map(row => row.attempt_id))].map(async attemptId =>
        journal.write({
          kind: 'reconcile',
          attemptId,
          // A page may end in the middle of an attempt's holds.
          keys: await journal.keysOf(attemptId),
        }),
      ),
    );
    const ended = results.filter(result => result.ended).length;
    count += ended;
    if (ended === 0) {
      return count;
    }
  }
}

import { databaseTime } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { CallJournal } from '../ledger/CallJournal';
import { CALLS, OPEN_CALLS } from '../ledger/tables';
import type { HoldSets } from './HoldSets';
import type { Instance } from './Instance';
import { INSTANCES } from './tables';

const PAGE = 200;

/**
 * Settles attempts whose process is gone, or whose time is over, at what they
 * held: the provider may have been paid, and a budget must not believe otherwise.
 * The rows say `unreconciled`; true figures that come late correct them.
 *
 * @returns how many attempts there were
 */
export async function reconcileDeadHolds(options: {
  db: Knex;
  journal: CallJournal;
  sets: HoldSets;
  instance: Instance;
}): Promise<number> {
  const { db, instance, journal, sets } = options;
  await instance.buryDead();
  let count = 0;
  for (;;) {
    const rows: Array<{ id: string }> = await db(CALLS)
      .select('id')
      .whereIn('id', db(OPEN_CALLS).select('call_id'))
      .where({ status: 'started' })
      .whereNotNull('hold_set_id')
      .where(dead =>
        dead
          .where('hold_expires_at', '<', databaseTime(db))
          .orWhereNotIn('instance_id', db(INSTANCES).select('id')),
      )
      .limit(PAGE);
    if (rows.length === 0) {
      return count;
    }
    const results = await Promise.all(
      rows.map(async ({ id }) => {
        const held = await sets.heldBy(id);
        return journal.write({
          kind: 'reconcile',
          attemptId: id,
          hold: held && { ...held, tokens: 0, limits: [] },
        });
      }),
    );
    const ended = results.filter(result => result.ended).length;
    count += ended;
    if (ended === 0) {
      return count;
    }
  }
}

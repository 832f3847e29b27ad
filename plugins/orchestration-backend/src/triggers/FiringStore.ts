import { readPage } from '@agentportal/plugin-agents-node';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { storable } from '../store/storable';

type FiringStatus =
  | 'waiting'
  | 'started'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'refused'
  | 'skipped'
  | 'missed';

/** A row of `orchestration_firings`; PostgreSQL gives big integers as strings. */
export interface FiringRow {
  id: string;
  trigger_id: string;
  dedupe_key: string;
  status: FiringStatus;
  reason: string | null;
  message: string | null;
  cause: string;
  at: number | string;
}

/** A reason to start a run. */
export interface NewFiring {
  /** The same for the same reason. */
  key: string;
  status?: Extract<FiringStatus, 'waiting' | 'missed' | 'skipped'>;
  reason?: string;
  message?: string;
  /** What happened, as the run remembers it. */
  cause?: JsonObject;
}

const FIRINGS = 'orchestration_firings';
/** So many wait at most; what comes then is skipped. */
const MAX_WAITING = 100;
const OPEN = ['queued', 'running', 'interrupted'];

/** The reasons that triggers had to start runs, and what became of them, as rows. */
export class FiringStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Those of a trigger, the latest first. */
  async page(
    triggerId: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ rows: FiringRow[]; nextCursor?: string }> {
    return readPage<FiringRow>(
      this.#knex(FIRINGS).where({ trigger_id: triggerId }),
      'at',
      page,
    );
  }

  /** The latest firing of each of some triggers, by id of the trigger. */
  async latest(ids: string[]): Promise<Map<string, FiringRow>> {
    const newest = this.#knex(`${FIRINGS} as g`)
      .select('g.id')
      .where('g.trigger_id', this.#knex.ref('t.id'))
      .orderBy([
        { column: 'g.at', order: 'desc' },
        { column: 'g.id', order: 'desc' },
      ])
      .limit(1);
    const rows: FiringRow[] = await this.#knex('orchestration_triggers as t')
      .join(`${FIRINGS} as f`, 'f.id', this.#knex.raw('(?)', [newest]))
      .whereIn('t.id', ids)
      .select('f.*');
    return new Map(rows.map(row => [row.trigger_id, row]));
  }

  /** @returns the firing of that key, and whether it is new */
  async enqueue(
    triggerId: string,
    firing: NewFiring,
    now: number,
  ): Promise<{ id: string; isNew: boolean; status: FiringStatus }> {
    const before = randomUUID();
    await this.#knex.transaction(tx =>
      enqueueFirings(tx, triggerId, [firing], now, before),
    );
    const row: FiringRow = await this.#knex(FIRINGS)
      .where({ trigger_id: triggerId, dedupe_key: firing.key })
      .first();
    return { id: row.id, isNew: row.id === before, status: row.status };
  }

  /** Deletes those that are over and older. */
  async deleteBefore(time: number): Promise<void> {
    await this.#knex(FIRINGS)
      .where('at', '<', time)
      .whereNotIn('status', ['waiting', 'started'])
      .delete();
  }

  /** As if it had never come. */
  async forget(id: string): Promise<void> {
    await this.#knex(FIRINGS).where({ id, status: 'skipped' }).delete();
  }

  async triggersWithWaiting(): Promise<string[]> {
    const rows = await this.#knex(FIRINGS)
      .distinct('trigger_id')
      .where('status', 'waiting')
      .limit(100);
    return rows.map(row => row.trigger_id);
  }

  async waiting(triggerId: string): Promise<FiringRow[]> {
    return this.#knex(FIRINGS)
      .where({ trigger_id: triggerId, status: 'waiting' })
      .orderBy(['at', 'id'])
      .limit(MAX_WAITING);
  }

  /** Runs that a trigger started and that have not ended. */
  async openRuns(triggerId: string): Promise<string[]> {
    const rows = await this.#knex('orchestration_runs')
      .select('id')
      .where({ trigger_id: triggerId })
      .whereIn('status', OPEN);
    return rows.map(row => row.id);
  }

  async startedSince(triggerId: string, since: number): Promise<number> {
    const { count } = (await this.#knex(FIRINGS)
      .where({ trigger_id: triggerId })
      .whereIn('status', ['started', 'succeeded', 'failed', 'cancelled'])
      .andWhere('at', '>=', since)
      .count({ count: '*' })
      .first()) as { count: number | string };
    return Number(count);
  }

  /** Firings whose run has ended since, and how. */
  async ended(): Promise<
    Array<{
      id: string;
      trigger_id: string;
      status: FiringStatus;
      reason: string;
    }>
  > {
    return (
      this.#knex(`${FIRINGS} as f`)
        // Few firings are open, and most runs have ended: SQLite joins in this order.
        .crossJoin(this.#knex.raw('orchestration_runs as r'))
        .where('r.id', this.#knex.ref('f.id'))
        .where('f.status', 'started')
        .whereIn('r.status', ['succeeded', 'failed', 'cancelled'])
        .select(
          'f.id',
          'f.trigger_id',
          'r.status as status',
          'r.error_message as reason',
        )
        .limit(100)
    );
  }

  /**
   * Writes what became of a firing, and counts failures in a row with it.
   *
   * @returns how many failures there have been in a row; undefined when another process
   *   has written it
   */
  async settle(
    firing: { id: string; trigger_id: string },
    from: 'waiting' | 'started',
    to: { status: FiringStatus; reason?: string | null },
  ): Promise<number | undefined> {
    return this.#knex.transaction(async tx => {
      const settled = await tx(FIRINGS)
        .where({ id: firing.id, status: from })
        .update({
          status: to.status,
          reason: to.reason?.slice(0, 2_000) ?? null,
          message: null,
        });
      const which = tx('orchestration_triggers').where({
        id: firing.trigger_id,
      });
      if (settled && isFailure(to.status)) {
        await which.clone().update({ failures: tx.raw('failures + 1') });
      } else if (settled && to.status === 'succeeded') {
        await which.clone().update({ failures: 0 });
      }
      const { failures } = await which.first('failures');
      return settled ? failures : undefined;
    });
  }
}

/** Whether a firing counts among the failures of its trigger. */
export function isFailure(status: FiringStatus): boolean {
  return status === 'failed' || status === 'refused';
}

/** Writes reasons down, those that are new, as part of something more. */
export async function enqueueFirings(
  tx: Knex.Transaction,
  triggerId: string,
  firings: NewFiring[],
  now: number,
  id?: string,
): Promise<void> {
  if (!firings.length) {
    return;
  }
  const { count } = (await tx(FIRINGS)
    .where({ trigger_id: triggerId, status: 'waiting' })
    .count({ count: '*' })
    .first()) as { count: number | string };
  let room = MAX_WAITING - Number(count);
  // What is known already takes no room from what is new.
  const known = new Set(
    await tx(FIRINGS)
      .where({ trigger_id: triggerId })
      .whereIn(
        'dedupe_key',
        firings.map(({ key }) => key),
      )
      .pluck('dedupe_key'),
  );
  const fresh = firings.filter(({ key }) => !known.has(key));
  if (!fresh.length) {
    return;
  }
  const rows = fresh.map(firing => {
    const full = !firing.status && room-- <= 0;
    return {
      id: id ?? randomUUID(),
      trigger_id: triggerId,
      dedupe_key: firing.key,
      status: full ? 'skipped' : firing.status ?? 'waiting',
      reason: full ? `${MAX_WAITING} wait already.` : firing.reason ?? null,
      message:
        full || firing.message === undefined ? null : storable(firing.message),
      cause: JSON.stringify(firing.cause ?? {}),
      at: now,
    };
  });
  await tx(FIRINGS)
    .insert(rows)
    .onConflict(['trigger_id', 'dedupe_key'])
    .ignore();
}

import type { AgentTrigger } from '@agentportal/plugin-agents-common';
import { readPage } from '@agentportal/plugin-agents-node';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { databaseTime } from '../store/databaseTime';
import { storable } from '../store/storable';

export type TriggerState = 'active' | 'paused' | 'off' | 'gone';
export type FiringStatus =
  | 'waiting'
  | 'started'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'refused'
  | 'skipped'
  | 'missed';

/** A row of `orchestration_triggers`; PostgreSQL gives big integers as strings. */
interface TriggerRow {
  id: string;
  agent_ref: string;
  name: string;
  owner_ref: string;
  /** Empty for an agent that comes from nowhere. */
  origin: string;
  type: AgentTrigger['type'];
  declared: string;
  state: TriggerState;
  state_reason: string | null;
  state_by: string | null;
  state_at: number | string;
  next_at: number | string | null;
  cursor: string | null;
  failures: number;
  created_at: number | string;
}

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

export type StoredTrigger = Omit<TriggerRow, 'declared' | 'next_at'> & {
  declared: AgentTrigger;
  next_at: number | null;
};

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

const TRIGGERS = 'orchestration_triggers';
const FIRINGS = 'orchestration_firings';
/** So many wait at most; what comes then is skipped. */
const MAX_WAITING = 100;
const KEPT_MS = 30 * 86_400_000;
const OPEN = ['queued', 'running', 'interrupted'];

/** Triggers and what they did, as rows. */
export class TriggerStore {
  readonly knex: Knex;

  constructor(knex: Knex) {
    this.knex = knex;
  }

  async get(id: string): Promise<StoredTrigger | undefined> {
    const row: TriggerRow | undefined = await this.knex(TRIGGERS)
      .where({ id })
      .whereNot('state', 'gone')
      .first();
    return row && toTrigger(row);
  }

  async page(
    query: { agentRef?: string },
    page: { limit: number; cursor?: string },
  ) {
    const { rows, nextCursor } = await readPage<TriggerRow>(
      this.knex(TRIGGERS)
        .whereNot('state', 'gone')
        .where(query.agentRef ? { agent_ref: query.agentRef } : {}),
      'created_at',
      page,
    );
    return { items: rows.map(toTrigger), nextCursor };
  }

  async firings(
    triggerId: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ rows: FiringRow[]; nextCursor?: string }> {
    return readPage<FiringRow>(
      this.knex(FIRINGS).where({ trigger_id: triggerId }),
      'at',
      page,
    );
  }

  /** The latest firing of each of some triggers, by id of the trigger. */
  async latest(ids: string[]): Promise<Map<string, FiringRow>> {
    const rows = await Promise.all(
      ids.map(id => this.firings(id, { limit: 1 })),
    );
    return new Map(
      rows.flatMap(({ rows: [row] }) => (row ? [[row.trigger_id, row]] : [])),
    );
  }

  /** All of some types that are at work. */
  async active(types: AgentTrigger['type'][]): Promise<StoredTrigger[]> {
    const rows: TriggerRow[] = await this.knex(TRIGGERS)
      .where({ state: 'active' })
      .whereIn('type', types);
    return rows.map(toTrigger);
  }

  /** Makes those of a type that are at work look at once. */
  async hurry(type: AgentTrigger['type'], now: number): Promise<void> {
    await this.knex(TRIGGERS)
      .where({ state: 'active', type })
      .andWhere('next_at', '>', now)
      .update({ next_at: now });
  }

  async due(now: number): Promise<StoredTrigger[]> {
    const rows: TriggerRow[] = await this.knex(TRIGGERS)
      .where({ state: 'active' })
      .andWhere('next_at', '<=', now)
      .orderBy('next_at')
      .limit(100);
    return rows.map(toTrigger);
  }

  /**
   * Makes the table say what agents declare.
   *
   * @param firstLook - when a trigger is due first
   */
  async declare(
    agent: {
      ref: string;
      ownerRef: string;
      origin: string;
      triggers: AgentTrigger[];
    },
    firstLook: (trigger: AgentTrigger) => number | null,
    now: number,
  ): Promise<void> {
    // A name can be taken by somebody else's file; what was paused and sealed cannot.
    await this.knex(TRIGGERS)
      .where({ agent_ref: agent.ref })
      .whereNot({ origin: agent.origin })
      .delete();
    const rows: TriggerRow[] = await this.knex(TRIGGERS).where({
      agent_ref: agent.ref,
    });
    for (const trigger of agent.triggers) {
      const row = rows.find(({ name }) => name === trigger.name);
      const said = {
        owner_ref: agent.ownerRef,
        type: trigger.type,
        declared: JSON.stringify(trigger),
      };
      const known = row && row.state !== 'gone';
      if (known && row.declared === said.declared) {
        const next = firstLook(trigger);
        // It has gone to work or from it; or a clock was put back, or the row was
        // written by one that was ahead.
        const isDueElsewhen =
          (next === null) !== (row.next_at === null) ||
          (trigger.type === 'schedule' && Number(row.next_at) > Number(next));
        if (isDueElsewhen || row.owner_ref !== said.owner_ref) {
          await this.knex(TRIGGERS)
            .where({ id: row.id })
            .update({
              owner_ref: said.owner_ref,
              ...(isDueElsewhen && { next_at: next }),
            });
        }
        continue;
      }
      const anew = { ...said, next_at: firstLook(trigger), cursor: null };
      if (row) {
        await this.knex(TRIGGERS)
          .where({ id: row.id })
          .update({
            ...anew,
            ...(!known && { state: 'active', state_at: now, failures: 0 }),
          });
      } else {
        await this.knex(TRIGGERS)
          .insert({
            ...anew,
            id: randomUUID(),
            agent_ref: agent.ref,
            origin: agent.origin,
            name: trigger.name,
            state: 'active',
            state_at: now,
            created_at: now,
          })
          .onConflict(['agent_ref', 'name'])
          .ignore();
      }
    }
    const names = agent.triggers.map(({ name }) => name);
    if (rows.some(row => row.state !== 'gone' && !names.includes(row.name))) {
      await this.#bury(now, dropped => {
        dropped.where({ agent_ref: agent.ref }).whereNotIn('name', names);
      });
    }
  }

  /** What agents declare that are not there any more. */
  async forgetOthers(agentRefs: string[], now: number): Promise<void> {
    const rows = await this.knex(TRIGGERS)
      .distinct('agent_ref')
      .whereNot('state', 'gone');
    for (const { agent_ref: ref } of rows) {
      if (!agentRefs.includes(ref)) {
        await this.#bury(now, left => left.where({ agent_ref: ref }));
      }
    }
  }

  /** A location may be away for a day: what was counted and sealed is kept for a while. */
  async #bury(now: number, which: (rows: Knex.QueryBuilder) => void) {
    await this.knex(TRIGGERS)
      .whereNot('state', 'gone')
      .modify(which)
      .update({ state: 'gone', state_at: now, next_at: null });
  }

  /** @returns false when it was in that state already */
  async setState(
    id: string,
    state: Exclude<TriggerState, 'gone'>,
    why: { reason?: string; by?: string; nextAt?: number | null },
    now: number,
  ): Promise<boolean> {
    const changed = await this.knex(TRIGGERS)
      .where({ id })
      .whereNotIn('state', [state, 'gone'])
      .update({
        state,
        state_reason: why.reason ?? null,
        state_by: why.by ?? null,
        state_at: now,
        ...(state === 'active' && { failures: 0, next_at: why.nextAt }),
      });
    return changed > 0;
  }

  /**
   * Deals with a time at which a trigger was due: one of all processes that try does it.
   *
   * @returns false when another one has
   */
  async advance(
    trigger: StoredTrigger,
    to: { nextAt: number | null; cursor?: JsonObject; firings: NewFiring[] },
    now: number,
    alsoWrite: (tx: Knex.Transaction) => Promise<void> = async () => {},
  ): Promise<boolean> {
    return this.knex.transaction(async tx => {
      const advanced = await tx(TRIGGERS)
        .where({ id: trigger.id, next_at: trigger.next_at, state: 'active' })
        .update({
          next_at: to.nextAt,
          ...(to.cursor && { cursor: JSON.stringify(to.cursor) }),
        });
      if (advanced) {
        await enqueue(tx, trigger.id, to.firings, now);
        await alsoWrite(tx);
      }
      return advanced > 0;
    });
  }

  /** @returns the firing of that key, and whether it is new */
  async enqueue(
    triggerId: string,
    firing: NewFiring,
    now: number,
  ): Promise<{ id: string; isNew: boolean; status: FiringStatus }> {
    const before = randomUUID();
    await this.knex.transaction(tx =>
      enqueue(tx, triggerId, [firing], now, before),
    );
    const row: FiringRow = await this.knex(FIRINGS)
      .where({ trigger_id: triggerId, dedupe_key: firing.key })
      .first();
    return { id: row.id, isNew: row.id === before, status: row.status };
  }

  /** As if it had never come. */
  async forget(id: string): Promise<void> {
    await this.knex(FIRINGS).where({ id, status: 'skipped' }).delete();
  }

  async triggersWithWaiting(): Promise<string[]> {
    const rows = await this.knex(FIRINGS)
      .distinct('trigger_id')
      .where('status', 'waiting')
      .limit(100);
    return rows.map(row => row.trigger_id);
  }

  async waiting(triggerId: string): Promise<FiringRow[]> {
    return this.knex(FIRINGS)
      .where({ trigger_id: triggerId, status: 'waiting' })
      .orderBy(['at', 'id'])
      .limit(MAX_WAITING);
  }

  /** Only whoever holds it, or holds it on, works on what waits for a trigger. */
  async lease(id: string, owner: string, ms: number): Promise<boolean> {
    const leased = await this.knex(TRIGGERS)
      .where({ id })
      .andWhere(free =>
        free
          .where('lease_expires_at', '<', databaseTime(this.knex))
          .orWhere({ lease_owner: owner }),
      )
      .update({
        lease_owner: owner,
        lease_expires_at: databaseTime(this.knex, ms),
      });
    return leased > 0;
  }

  async release(id: string, owner: string): Promise<void> {
    await this.knex(TRIGGERS)
      .where({ id, lease_owner: owner })
      .update({ lease_owner: null, lease_expires_at: 0 });
  }

  /** Runs that a trigger started and that have not ended. */
  async openRuns(triggerId: string): Promise<string[]> {
    const rows = await this.knex('orchestration_runs')
      .select('id')
      .where({ trigger_id: triggerId })
      .whereIn('status', OPEN);
    return rows.map(row => row.id);
  }

  async startedSince(triggerId: string, since: number): Promise<number> {
    const { count } = (await this.knex(FIRINGS)
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
    return this.knex(`${FIRINGS} as f`)
      .join('orchestration_runs as r', 'r.id', 'f.id')
      .where('f.status', 'started')
      .whereIn('r.status', ['succeeded', 'failed', 'cancelled'])
      .select(
        'f.id',
        'f.trigger_id',
        'r.status as status',
        'r.error_message as reason',
      )
      .limit(100);
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
    return this.knex.transaction(async tx => {
      const settled = await tx(FIRINGS)
        .where({ id: firing.id, status: from })
        .update({
          status: to.status,
          reason: to.reason?.slice(0, 2_000) ?? null,
          message: null,
        });
      const which = tx(TRIGGERS).where({ id: firing.trigger_id });
      if (settled && isFailure(to.status)) {
        await which.clone().update({ failures: tx.raw('failures + 1') });
      } else if (settled && to.status === 'succeeded') {
        await which.clone().update({ failures: 0 });
      }
      const { failures } = await which.first('failures');
      return settled ? failures : undefined;
    });
  }

  /** Deletes what has been kept long enough. */
  async clean(now: number): Promise<void> {
    const old = now - KEPT_MS;
    await this.knex(FIRINGS)
      .where('at', '<', old)
      .whereNotIn('status', ['waiting', 'started'])
      .delete();
    await this.knex('orchestration_trigger_secrets')
      .where('expires_at', '<', now)
      .delete();
    await this.knex(TRIGGERS)
      .where({ state: 'gone' })
      .andWhere('state_at', '<', old)
      .delete();
  }
}

/** Whether a firing counts among the failures of its trigger. */
export function isFailure(status: FiringStatus): boolean {
  return status === 'failed' || status === 'refused';
}

async function enqueue(
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

function toTrigger(row: TriggerRow): StoredTrigger {
  return {
    ...row,
    declared: JSON.parse(row.declared),
    next_at: row.next_at === null ? null : Number(row.next_at),
  };
}

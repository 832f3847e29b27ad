import type { AgentTrigger } from '@agentportal/plugin-agents-common';
import { databaseTime, readPage } from '@agentportal/plugin-agents-node';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { DAY_MS } from '../config';
import { enqueueFirings, FiringStore, type NewFiring } from './FiringStore';

type TriggerState = 'active' | 'paused' | 'off' | 'gone';

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

export type StoredTrigger = Omit<TriggerRow, 'declared' | 'next_at'> & {
  declared: AgentTrigger;
  next_at: number | null;
};

const TRIGGERS = 'orchestration_triggers';
const KEPT_MS = 30 * DAY_MS;

/** Triggers as agents declare them, and where they stand, as rows. */
export class TriggerStore {
  readonly knex: Knex;
  readonly firings: FiringStore;

  constructor(knex: Knex) {
    this.knex = knex;
    this.firings = new FiringStore(knex);
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
        await enqueueFirings(tx, trigger.id, to.firings, now);
        await alsoWrite(tx);
      }
      return advanced > 0;
    });
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

  /** Deletes what has been kept long enough. */
  async clean(now: number): Promise<void> {
    const old = now - KEPT_MS;
    await this.firings.deleteBefore(old);
    await this.knex('orchestration_trigger_secrets')
      .where('expires_at', '<', now)
      .delete();
    await this.knex(TRIGGERS)
      .where({ state: 'gone' })
      .andWhere('state_at', '<', old)
      .delete();
  }
}

function toTrigger(row: TriggerRow): StoredTrigger {
  return {
    ...row,
    declared: JSON.parse(row.declared),
    next_at: row.next_at === null ? null : Number(row.next_at),
  };
}

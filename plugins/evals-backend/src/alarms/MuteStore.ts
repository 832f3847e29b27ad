import type { AlarmKind, AlarmMute } from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { ERASED } from '../store/erased';
import { iso } from '../store/iso';

const MUTES = 'evals_alarm_mutes';

interface MuteRow {
  agent_ref: string;
  kind: AlarmKind;
  reason: string;
  muted_by: string;
  muted_at: number | string;
  until: number | string;
}

/** What about which agents nobody wants to hear of for a while, and why. */
export class MuteStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async mute(mute: AlarmMute): Promise<void> {
    await this.#knex<MuteRow>(MUTES)
      .insert({
        agent_ref: mute.agentRef,
        kind: mute.kind,
        reason: mute.reason,
        muted_by: mute.mutedBy,
        muted_at: Date.parse(mute.mutedAt),
        until: Date.parse(mute.until),
      })
      .onConflict(['agent_ref', 'kind'])
      .merge();
  }

  /** @returns whether it was muted */
  async unmute(agentRef: string, kind: AlarmKind): Promise<boolean> {
    const key = { agent_ref: agentRef, kind };
    return (await this.#knex(MUTES).where(key).delete()) > 0;
  }

  /** What is muted of some agents; of each there are as many as there are kinds at most. */
  async of(agentRefs: string[], now = Date.now()): Promise<AlarmMute[]> {
    const rows: MuteRow[] = await this.#knex(MUTES)
      .whereIn('agent_ref', agentRefs)
      .andWhere('until', '>', now)
      .orderBy(['agent_ref', 'kind']);
    return rows.map(row => ({
      agentRef: row.agent_ref,
      kind: row.kind,
      reason: row.reason,
      mutedBy: row.muted_by,
      mutedAt: iso(row.muted_at),
      until: iso(row.until),
    }));
  }

  /** Takes a person's name from what they muted. */
  async erase(person: string): Promise<number> {
    return this.#knex(MUTES)
      .where({ muted_by: person })
      .update({ muted_by: ERASED });
  }

  async removeBefore(before: number): Promise<void> {
    await this.#knex(MUTES).where('until', '<', before).delete();
  }
}

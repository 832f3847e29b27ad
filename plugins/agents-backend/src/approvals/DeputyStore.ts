import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';

const TABLE = 'agent_approval_deputies';

/** Who decides in whose place, until when. */
export interface Deputy {
  personRef: string;
  deputyRef: string;
  until: number;
}

interface DeputyRow {
  person_ref: string;
  deputy_ref: string;
  until: StoredTime;
}

/** Deputies of people who are away. */
export class DeputyStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async set({ personRef, deputyRef, until }: Deputy): Promise<void> {
    await this.#knex(TABLE)
      .insert({ person_ref: personRef, deputy_ref: deputyRef, until })
      .onConflict('person_ref')
      .merge();
  }

  async remove(personRef: string): Promise<void> {
    await this.#knex(TABLE).where('person_ref', personRef).delete();
  }

  /** All that hold now: as many as people are away. */
  async live(now: number): Promise<Deputy[]> {
    const rows: DeputyRow[] = await this.#knex(TABLE).where('until', '>', now);
    return rows.map(row => ({
      personRef: row.person_ref,
      deputyRef: row.deputy_ref,
      until: Number(row.until),
    }));
  }

  async removeOver(now: number): Promise<void> {
    await this.#knex(TABLE).where('until', '<=', now).delete();
  }
}

import type { Knex } from 'knex';
import { dropSpans } from './TraceRetention';

/** Traces of one transaction: nobody else writes on SQLite meanwhile. */
const CHUNK = 100;

/**
 * Erases persons: their names from all traces, and what was said from those that were for them. That is in
 * the spans, which go, and may be in why they were flagged; what traces summed up to stays, of nobody.
 */
export class TraceErasure {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @returns how many traces were of that person */
  async erase(userRef: string): Promise<number> {
    let erased = 0;
    let ids: number[];
    do {
      ids = await this.#knex('traces')
        .where('user_ref', userRef)
        .limit(CHUNK)
        .pluck('id');
      await dropSpans(this.#knex, ids, { user_ref: null, flag_reason: null });
      erased += ids.length;
    } while (ids.length);
    await this.#knex('trace_sessions')
      .where('user_ref', userRef)
      .update({ user_ref: null });
    // What is flagged is flagged; by whom is not known any more, nor in whose words.
    await this.#knex('traces')
      .whereNotNull('flagged_ms')
      .andWhere('flagged_by', userRef)
      .update({ flagged_by: null, flag_reason: null });
    return erased;
  }
}

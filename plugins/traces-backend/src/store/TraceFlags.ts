import type { Knex } from 'knex';

/** Why somebody wants others to look at a trace. */
export interface Flag {
  reason: string;
  by: string;
  /** Milliseconds UTC. */
  atMs: number;
}

/** Flags on traces: those that have one are kept as long as notable ones. */
export class TraceFlags {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @param flag - absent takes the flag away */
  async set(trace: number, flag?: Flag): Promise<void> {
    await this.#knex('traces')
      .where('id', trace)
      .update({
        flagged_ms: flag?.atMs ?? null,
        flagged_by: flag?.by.slice(0, 255) ?? null,
        // PostgreSQL knows no text with U+0000, nor with half a pair.
        flag_reason:
          flag?.reason.replaceAll('\u0000', '').toWellFormed() ?? null,
      });
  }
}

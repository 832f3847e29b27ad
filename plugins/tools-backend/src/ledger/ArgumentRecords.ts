import { masked } from '@agentportal/plugin-agents-common';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Of a call whose arguments are longer nothing is kept, because a part can mislead. */
const MAX_BYTES = 16 * 1024;

/** What agents called tools with, for a while, so that rules can be tried on it. */
export class ArgumentRecords {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  static async create(database: DatabaseService): Promise<ArgumentRecords> {
    return new ArgumentRecords(await database.getClient());
  }

  /** What the ledger keeps of arguments, as JSON; nothing when they are too long. */
  keptOf(args: Record<string, unknown>): string | undefined {
    const text = JSON.stringify(masked(args));
    return Buffer.byteLength(text) <= MAX_BYTES ? text : undefined;
  }

  async removeOlderThan(ageMs: number, now = Date.now()): Promise<void> {
    await this.#db('tool_call_arguments')
      .where('recorded_at', '<', now - ageMs)
      .delete();
  }
}

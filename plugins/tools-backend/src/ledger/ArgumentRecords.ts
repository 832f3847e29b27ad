import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Of a call whose arguments are longer nothing is kept, because a part can mislead. */
const MAX_BYTES = 16 * 1024;
const SECRET_NAME =
  /pass(word|phrase)?$|secret|token|api[-_]?key|authorization|credential|private[-_]?key|cookie|^pin$|cvc|cvv/i;
const SECRET_VALUE =
  /^(bearer\s|basic\s|ey[a-z0-9_-]{10,}\.ey|sk-|gh[pousr]_|xox[abp]-|AKIA|-----BEGIN)/i;
const MASK = '***';

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

/** Without what is a secret by its name or its form. */
export function masked(value: unknown, name = ''): unknown {
  if (value !== null && typeof value === 'object') {
    return Array.isArray(value)
      ? value.map(item => masked(item, name))
      : Object.fromEntries(
          Object.entries(value).map(([key, of]) => [key, masked(of, key)]),
        );
  }
  const isSecret =
    (typeof value === 'string' && SECRET_VALUE.test(value)) ||
    (SECRET_NAME.test(name) && typeof value !== 'boolean');
  return isSecret && value !== null && value !== undefined ? MASK : value;
}

import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';

const TABLE = 'model_call_names';
const MAX_REMEMBERED = 50_000;
const MAX_CHARS = 300;

/** Gives names numbers, so that ledger rows stay narrow and group fast. */
export class LedgerNames {
  readonly #db: Knex;
  readonly #ids = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(db: Knex) {
    this.#db = db;
  }

  /** The number of a name; a new name gets one. `null` stays `null`. */
  async idOf(name: string | undefined): Promise<number | null> {
    if (name === undefined) {
      return null;
    }
    const short = name.slice(0, MAX_CHARS);
    const known = this.#ids.get(short) ?? (await this.#find(short));
    if (known !== undefined) {
      return known;
    }
    await this.#db(TABLE).insert({ name: short }).onConflict('name').ignore();
    return (await this.#find(short))!;
  }

  /** The numbers of several names; takes no time when all were seen lately. */
  idsOf(
    names: ReadonlyArray<string | undefined>,
  ): Array<number | null> | Promise<Array<number | null>> {
    const ids: Array<number | null> = [];
    for (const name of names) {
      const id =
        name === undefined ? null : this.#ids.get(name.slice(0, MAX_CHARS));
      if (id === undefined) {
        return this.#learn(names);
      }
      ids.push(id);
    }
    return ids;
  }

  async #learn(
    names: ReadonlyArray<string | undefined>,
  ): Promise<Array<number | null>> {
    const ids: Array<number | null> = [];
    for (const name of names) {
      ids.push(await this.idOf(name));
    }
    return ids;
  }

  /** The number of a name, if any call ever had it. */
  async knownId(name: string, db?: Knex): Promise<number | undefined> {
    const short = name.slice(0, MAX_CHARS);
    return this.#ids.get(short) ?? this.#find(short, db);
  }

  async namesOf(ids: Iterable<number>): Promise<Map<number, string>> {
    const rows = await this.#db(TABLE)
      .select('id', 'name')
      .whereIn('id', [...new Set(ids)]);
    return new Map(rows.map(row => [row.id, row.name]));
  }

  async #find(name: string, db = this.#db): Promise<number | undefined> {
    const row = await db(TABLE).first('id').where({ name });
    if (row) {
      this.#ids.set(name, row.id);
    }
    return row?.id;
  }
}

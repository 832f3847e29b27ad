import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';

const TABLE = 'model_call_reasons';
const MAX_REMEMBERED = 5_000;
const MAX_CHARS = 4_000;

/** Keeps each explanation of a choice once, however many calls share it. */
export class CallReasons {
  readonly #db: Knex;
  readonly #ids = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(db: Knex) {
    this.#db = db;
  }

  /** The number of some sentences, if they were seen lately. */
  remembered(sentences: string | undefined): number | null | undefined {
    return sentences ? this.#ids.get(sentences) : null;
  }

  /** The number of some sentences; new ones get one. */
  async idOf(sentences: string | undefined): Promise<number | null> {
    if (!sentences) {
      return null;
    }
    const known = this.#ids.get(sentences);
    if (known !== undefined) {
      return known;
    }
    const short = sentences.slice(0, MAX_CHARS);
    const digest = createHash('sha256').update(short).digest('base64');
    const find = () => this.#db(TABLE).first('id').where({ digest });
    let row = await find();
    if (!row) {
      await this.#db(TABLE)
        .insert({ digest, sentences: short })
        .onConflict('digest')
        .ignore();
      row = await find();
    }
    this.#ids.set(sentences, row.id);
    return row.id;
  }

  /** The sentences of rows, by their numbers. */
  async sentencesOf(ids: Iterable<number>): Promise<Map<number, string>> {
    const rows = await this.#db(TABLE)
      .select('id', 'sentences')
      .whereIn('id', [...new Set(ids)]);
    return new Map(rows.map(row => [row.id, row.sentences]));
  }
}

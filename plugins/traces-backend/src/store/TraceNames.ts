import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';

/** What a name is of; its number is stored. */
export const DIMENSIONS = {
  span: 1,
  agent: 2,
  owner: 3,
  model: 4,
  tool: 5,
  provider: 6,
  error: 7,
  /** Apart from refs, for which whatever senders call agents must leave room. */
  agentName: 8,
} as const;

export type Dimension = keyof typeof DIMENSIONS;

/** Of one dimension; some senders put ids into names, and filters and figures by such help nobody. */
const MAX_NAMES = 10_000;
/** New ones a day that one agent may bring, so that it uses up nobody's room. */
const MAX_NAMES_OF_AGENT = 200;
const OTHER = '(other)';
const MAX_FOUND = 200;
const DAY_MS = 86_400_000;
/** Figures do not know these, so they go with the traces that have them. */
const FORGOTTEN = [DIMENSIONS.span, DIMENSIONS.error];
const today = () => Math.floor(Date.now() / DAY_MS);

/** Gives names numbers. */
export class TraceNames {
  readonly #knex: Knex;
  readonly #ids = new LRUCache<string, number>({ max: 50_000 });
  readonly #names = new LRUCache<number, string>({ max: 50_000 });
  readonly #counts = new Map<Dimension, number>();
  readonly #seen = new LRUCache<number, number>({ max: 50_000 });
  readonly #broughtBy = new LRUCache<string, number>({
    max: 50_000,
    ttl: DAY_MS,
    noUpdateTTL: true,
  });

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * The numbers of names, by name; names get one when they are new.
   *
   * @param names - each with the agent whose token brought it, if it was one's
   */
  async idsOf(
    dimension: Dimension,
    names: ReadonlyMap<string, string | undefined>,
  ): Promise<Map<string, number>> {
    const wanted = [...names.keys()];
    let ids = await this.find(dimension, wanted);
    if (!(await this.#noteSeen([...ids.values()]))) {
      // Another process has forgotten one meanwhile.
      this.#clear();
      ids = await this.find(dimension, wanted);
    }
    const fresh = wanted.filter(name => !ids.has(name));
    if (fresh.length) {
      const room = MAX_NAMES - (await this.#countOf(dimension));
      const added = fresh
        .filter(name => this.#mayBring(dimension, names.get(name)))
        .slice(0, Math.max(0, room));
      if (fresh.length > added.length) {
        added.push(OTHER);
      }
      await this.#knex('trace_names')
        .insert(
          added.sort().map(name => ({
            dimension: DIMENSIONS[dimension],
            name,
            seen_day: today(),
          })),
        )
        .onConflict(['dimension', 'name'])
        .ignore();
      this.#counts.delete(dimension);
      const found = await this.find(dimension, added);
      for (const name of fresh) {
        ids.set(name, found.get(name) ?? found.get(OTHER)!);
      }
    }
    return ids;
  }

  /** Numbers of those names that have one. */
  async find(
    dimension: Dimension,
    names: string[],
  ): Promise<Map<string, number>> {
    const ids = new Map<string, number>();
    const unknown: string[] = [];
    for (const name of names) {
      const id = this.#ids.get(`${dimension} ${name}`);
      if (id === undefined) {
        unknown.push(name);
      } else {
        ids.set(name, id);
      }
    }
    for (let at = 0; at < unknown.length; at += 500) {
      const rows: Array<{ id: number; name: string }> = await this.#knex(
        'trace_names',
      )
        .where('dimension', DIMENSIONS[dimension])
        .whereIn('name', unknown.slice(at, at + 500))
        .select('id', 'name');
      for (const { id, name } of rows) {
        ids.set(name, id);
        this.#ids.set(`${dimension} ${name}`, id);
      }
    }
    return ids;
  }

  /** The number of a name, if it has one. */
  async idOf(dimension: Dimension, name: string): Promise<number | undefined> {
    return (await this.find(dimension, [name])).get(name);
  }

  /** Numbers of names in which a text stands, whatever its case. */
  async findPart(part: string): Promise<number[]> {
    const pattern = `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    const rows: Array<{ id: number }> = await this.#knex('trace_names')
      .whereIn(
        'dimension',
        (['span', 'agent', 'model', 'tool'] as const).map(of => DIMENSIONS[of]),
      )
      .andWhereRaw(`lower(name) like ? escape '\\'`, [pattern])
      .limit(MAX_FOUND)
      .select('id');
    return rows.map(({ id }) => id);
  }

  /** The names of numbers. */
  async namesOf(
    ids: Iterable<number | null | undefined>,
  ): Promise<Map<number, string>> {
    const names = new Map<number, string>();
    const unknown: number[] = [];
    for (const id of new Set(ids)) {
      const name = id ? this.#names.get(id) : undefined;
      if (name !== undefined) {
        names.set(id!, name);
      } else if (id) {
        unknown.push(id);
      }
    }
    for (let at = 0; at < unknown.length; at += 500) {
      const rows: Array<{ id: number; name: string }> = await this.#knex(
        'trace_names',
      )
        .whereIn('id', unknown.slice(at, at + 500))
        .select('id', 'name');
      for (const { id, name } of rows) {
        names.set(id, name);
        this.#names.set(id, name);
      }
    }
    return names;
  }

  /** Deletes names of spans and errors that nobody has used since, and so makes room for others. */
  async forget(before: number): Promise<void> {
    await this.#knex('trace_names')
      .whereIn('dimension', FORGOTTEN)
      .andWhere('seen_day', '<', Math.floor(before / DAY_MS))
      .delete();
    this.#clear();
  }

  #mayBring(dimension: Dimension, agentRef: string | undefined): boolean {
    if (agentRef === undefined) {
      return true;
    }
    const key = `${dimension} ${agentRef}`;
    const brought = (this.#broughtBy.get(key) ?? 0) + 1;
    this.#broughtBy.set(key, brought);
    return brought <= MAX_NAMES_OF_AGENT;
  }

  #clear(): void {
    this.#ids.clear();
    this.#names.clear();
    this.#counts.clear();
    this.#seen.clear();
  }

  /** Notes once a day that names are used. @returns false when one is not there any more */
  async #noteSeen(ids: number[]): Promise<boolean> {
    const day = today();
    const due = ids.filter(id => this.#seen.get(id) !== day);
    let there = 0;
    for (let at = 0; at < due.length; at += 500) {
      there += await this.#knex('trace_names')
        .whereIn('id', due.slice(at, at + 500))
        .update({ seen_day: day });
    }
    due.forEach(id => this.#seen.set(id, day));
    return there === due.length;
  }

  async #countOf(dimension: Dimension): Promise<number> {
    const known = this.#counts.get(dimension);
    if (known !== undefined) {
      return known;
    }
    const row = await this.#knex('trace_names')
      .where('dimension', DIMENSIONS[dimension])
      .count({ count: '*' })
      .first();
    const count = Number(row?.count ?? 0);
    this.#counts.set(dimension, count);
    return count;
  }
}

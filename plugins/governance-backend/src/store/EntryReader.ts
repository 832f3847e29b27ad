import { entrySchema, rename, type SealedPart } from '@agentportal/audit-log';
import {
  type AuditEntry,
  type AuditStats,
  describeEntry,
} from '@agentportal/plugin-governance-common';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import type { DailyCounts } from './DailyCounts';
import { applyFilter, type EntryFilter, personsOf } from './filter';
import type { Subjects } from './Subjects';
import type { TreeRow } from './TreeStore';

const DAY_MS = 86_400_000;
/** How many entries a search for text looks at in one go. */
const TEXT_WINDOW = 20_000;
const PAGE = 500;

/** An entry that was read. */
export interface ReadEntry {
  seq: number;
  id: string;
  /** The canonical text of which the hash is made. */
  body: string;
  /** As people read it. */
  entry: AuditEntry;
  /** What was hashed, parsed. */
  sealed: ReturnType<typeof entrySchema.parse>;
  /** By subject, the key that opens its part of this entry. */
  keys: Record<string, Buffer>;
}

/** Reads entries of logs. */
export class EntryReader {
  readonly #knex: Knex;
  readonly #subjects: Subjects;
  readonly #counts: DailyCounts;

  constructor(options: {
    knex: Knex;
    subjects: Subjects;
    counts: DailyCounts;
  }) {
    this.#knex = options.knex;
    this.#subjects = options.subjects;
    this.#counts = options.counts;
  }

  /** One entry, when the filter lets it through. */
  async get(
    tree: TreeRow,
    id: string,
    filter: EntryFilter,
  ): Promise<ReadEntry | undefined> {
    const query = this.#query(tree, filter, await this.#named(tree, filter));
    const rows = await query.select('seq', 'id', 'body').where({ id });
    return (await this.#open(rows))[0];
  }

  /**
   * A page of entries.
   *
   * @param page - `beyond`: the sequence number behind which the page begins
   */
  async list(
    tree: TreeRow,
    filter: EntryFilter,
    page: { limit: number; order: 'asc' | 'desc'; beyond?: number },
  ): Promise<{ items: ReadEntry[]; next?: number }> {
    const { limit, order, beyond } = page;
    const [first, end] = await this.#bounds(tree, filter);
    let [low, high] =
      order === 'asc'
        ? [Math.max(first, (beyond ?? -1) + 1), end]
        : [first, Math.min(end, beyond ?? end)];
    const whole = [low, high];
    if (filter.text && high - low > TEXT_WINDOW) {
      if (order === 'asc') high = low + TEXT_WINDOW;
      else low = high - TEXT_WINDOW;
    }
    const rows = await this.#query(
      tree,
      filter,
      await this.#named(tree, filter),
    )
      .select('seq', 'id', 'body')
      .where('seq', '>=', low)
      .where('seq', '<', high)
      .orderBy('seq', order)
      .limit(limit + 1);
    const items = await this.#open(rows.slice(0, limit));
    if (rows.length > limit) {
      return { items, next: items[limit - 1].seq };
    }
    if (order === 'asc' ? high < whole[1] : low > whole[0]) {
      return { items, next: order === 'asc' ? high - 1 : low };
    }
    return { items };
  }

  /** All entries below a size of the log, the oldest first, a few at a time. */
  async *pages(
    tree: TreeRow,
    filter: EntryFilter,
  ): AsyncGenerator<ReadEntry[]> {
    let beyond: number | undefined = -1;
    while (beyond !== undefined) {
      const page: { items: ReadEntry[]; next?: number } = await this.list(
        tree,
        filter,
        { limit: PAGE, order: 'asc', beyond },
      );
      yield page.items;
      beyond = page.next;
    }
  }

  /** Counts by UTC day, type, outcome and agent; the times are whole days. */
  async stats(
    tree: TreeRow,
    filter: EntryFilter & { from: number; to: number },
  ): Promise<AuditStats> {
    const named = await this.#named(tree, filter);
    const sum = async (columns: string[]) => {
      const rows: Array<Record<string, any>> = await this.#knex
        .from(this.#counts.rows(tree, filter, named).as('counted'))
        .select(columns)
        .sum({ n: 'entries' })
        .groupBy(columns);
      return rows.map(row => ({ ...row, n: Number(row.n) }));
    };
    const byDay = await sum(['day', 'outcome']);
    const byOthers = async (column: string) =>
      (await sum([column]))
        .filter(row => (row as any)[column])
        .map(row => ({ value: String((row as any)[column]), entries: row.n }))
        .sort((a, b) => b.entries - a.entries);

    const days = new Map<number, AuditStats['days'][number]>();
    for (const { day, outcome, n } of byDay as any[]) {
      const at = Number(day);
      const known = days.get(at) ?? {
        day: new Date(at * DAY_MS).toISOString().slice(0, 10),
        entries: 0,
        denied: 0,
        failed: 0,
      };
      known.entries += n;
      if (outcome === 'denied' || outcome === 'failed')
        known[outcome as 'denied'] += n;
      days.set(at, known);
    }
    return {
      days: [...days.keys()].sort((a, b) => a - b).map(day => days.get(day)!),
      types: await byOthers('type'),
      outcomes: await byOthers('outcome'),
      agents: (await byOthers('agent_ref')).slice(0, 20),
    };
  }

  /** The numbers of the first entry in a time, and of that behind its last. */
  async #bounds(
    tree: TreeRow,
    { from, to }: EntryFilter,
  ): Promise<[number, number]> {
    return [
      from === undefined ? 0 : await this.firstAt(tree, from),
      to === undefined ? tree.size : await this.firstAt(tree, to),
    ];
  }

  /** The number of the first entry that was recorded at a time or after it. */
  async firstAt(tree: TreeRow, at: number): Promise<number> {
    // Times rise with the numbers, so halving finds them without an index.
    let [low, high] = [0, tree.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.#knex('audit_entries')
        .where({ tree: tree.id })
        .whereBetween('seq', [middle, high - 1])
        .orderBy('seq')
        .first('seq', 'recorded_at');
      if (row && Number(row.recorded_at) < at) low = Number(row.seq) + 1;
      else high = middle;
    }
    return low;
  }

  /** What entries call the persons of a filter. */
  async #named(tree: TreeRow, filter: EntryFilter) {
    const persons = personsOf(filter);
    return persons.length
      ? this.#subjects.find(tree, persons)
      : new Map<string, string>();
  }

  #query(tree: TreeRow, filter: EntryFilter, named: Map<string, string>) {
    const query = this.#knex('audit_entries').where(
      'audit_entries.tree',
      tree.id,
    );
    applyFilter(query, this.#knex, filter, named);
    return query;
  }

  async #open(rows: Array<{ seq: any; id: string; body: string }>) {
    const parsed = rows.map(({ body }) => entrySchema.parse(JSON.parse(body)));
    const partsOf = await this.#subjects.open(parsed);
    return rows.map(({ seq, id, body }, i): ReadEntry => {
      const sealed = parsed[i];
      const parts = partsOf(sealed);
      return {
        seq: Number(seq),
        id,
        body,
        sealed,
        entry: toEntry(sealed, parts),
        keys: Object.fromEntries(
          parts.map(({ subject, key }) => [subject, key]),
        ),
      };
    });
  }
}

/** What people read: persons by their names where they can still be known. */
function toEntry(
  stored: ReadEntry['sealed'],
  parts: Array<{ subject: string; ref: string; data?: JsonObject }>,
): AuditEntry {
  const {
    v,
    sealed = [],
    retention,
    ...said
  } = stored as typeof stored & {
    v: number;
    retention: string;
    sealed?: SealedPart[];
  };
  const names = new Map(parts.map(({ subject, ref }) => [subject, ref]));
  const entry = rename(said, names) as unknown as AuditEntry;
  const erased = sealed.flatMap(({ subject }) =>
    names.has(subject) ? [] : subject,
  );
  const personal: Record<string, JsonObject> = Object.fromEntries(
    parts.flatMap(({ ref, data }) =>
      data ? [[ref, rename(data, names)]] : [],
    ),
  );
  return {
    ...entry,
    ...(retention !== 'permanent' && {
      retention: retention as AuditEntry['retention'],
    }),
    ...(Object.keys(personal).length && { personal }),
    ...(erased.length && { erased }),
    sentence: describeEntry(entry),
  };
}

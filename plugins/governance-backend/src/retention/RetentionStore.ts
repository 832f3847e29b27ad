import { DROP_ACTION, entrySchema, LOG_SOURCE } from '@agentportal/audit-log';
import { timeOrderedId } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { EntryReader } from '../store/EntryReader';
import type { EntryStore } from '../store/EntryStore';
import { type NewEntry, PERMANENT, wellFormed } from '../store/seal';
import type { Subjects } from '../store/Subjects';
import type { TreeRow, TreeStore } from '../store/TreeStore';
import type { HoldStore } from './HoldStore';

/** Entries that are deleted in one go, so that no lock is long. */
const BATCH = 1_000;
const DAY_MS = 86_400_000;
/** Entries among which they are looked for in one go. */
const WINDOW = 20_000;
/** Pairs in one statement, below what every database takes. */
const CHUNK = 500;

/** What is read of an entry; databases give big numbers as text. */
interface Row {
  seq: number | string;
  body: string;
}

/** An entry about the log itself, which stays as long as the log. */
export function entryAboutLog(
  facts: Pick<NewEntry['facts'], 'type' | 'action' | 'actor' | 'reason'> &
    Partial<NewEntry['facts']>,
  persons: string[] = [],
): NewEntry {
  return {
    id: timeOrderedId(),
    facts: {
      time: new Date().toISOString(),
      outcome: 'succeeded',
      source: LOG_SOURCE,
      retention: PERMANENT,
      ...wellFormed(facts).value,
    },
    persons,
  };
}

/** Deletes entries whose time is over; their hashes stay in the tree. */
export class RetentionStore {
  readonly #knex: Knex;
  readonly #entries: EntryStore;
  readonly #trees: TreeStore;
  readonly #holds: HoldStore;
  readonly #reader: EntryReader;
  readonly #subjects: Subjects;

  constructor(options: {
    knex: Knex;
    entries: EntryStore;
    trees: TreeStore;
    holds: HoldStore;
    reader: EntryReader;
    subjects: Subjects;
  }) {
    this.#knex = options.knex;
    this.#entries = options.entries;
    this.#trees = options.trees;
    this.#holds = options.holds;
    this.#reader = options.reader;
    this.#subjects = options.subjects;
  }

  /** Goes on until nothing is left to delete, or the signal is aborted. */
  async clean(
    retention: { standard: number; extended: number },
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    for (const tree of await this.#trees.list()) {
      const first = await this.#knex('audit_entries')
        .where({ tree: tree.id })
        .min({ seq: 'seq' })
        .first();
      for (const [name, time] of Object.entries(retention)) {
        const before = now - time;
        const end = await this.#reader.firstAt(tree, before);
        let low = Number(first?.seq ?? end);
        while (low < end && !signal.aborted) {
          const high = Math.min(low + WINDOW, end);
          // Writers wait while the log is locked, so what is over is found before.
          const rows: Row[] = await this.#over(tree, name, this.#knex)
            .select('seq')
            .where('seq', '>=', low)
            .where('seq', '<', high)
            .orderBy('seq')
            .limit(BATCH);
          const seqs = rows.map(row => Number(row.seq));
          if (seqs.length > 0) {
            await this.#delete(tree, name, before, seqs);
          }
          low = seqs.length === BATCH ? seqs.at(-1)! + 1 : high;
          // Others use the connection and the event loop in between.
          await new Promise(setImmediate);
        }
      }
      const longest = Math.max(retention.standard, retention.extended);
      await this.#knex('audit_counts')
        .where({ tree: tree.id })
        .where('day', '<', Math.floor((now - longest) / DAY_MS))
        .delete();
    }
  }

  #over(tree: TreeRow, name: string, knex: Knex): Knex.QueryBuilder {
    return knex('audit_entries')
      .where({ tree: tree.id, retention: name })
      .whereNotExists(this.#holds.held(knex));
  }

  async #delete(
    tree: TreeRow,
    name: string,
    before: number,
    found: number[],
  ): Promise<void> {
    await this.#entries.append(tree.tenant, async (tx, locked) => {
      // A hold may have come in between.
      const rows: Row[] = await this.#over(tree, name, tx)
        .select('seq', 'body')
        .whereIn('seq', found)
        .orderBy('seq');
      if (rows.length === 0) {
        return [];
      }
      const seqs = rows.map(row => Number(row.seq));
      await tx('audit_entries')
        .where({ tree: tree.id })
        .whereIn('seq', seqs)
        .delete();
      const named = rows.flatMap(({ seq, body }) =>
        (entrySchema.parse(JSON.parse(body)).sealed ?? []).map(
          ({ subject }) => [subject, Number(seq)] as const,
        ),
      );
      for (let at = 0; at < named.length; at += CHUNK) {
        const pairs = named.slice(at, at + CHUNK);
        await tx('audit_entry_subjects')
          .where({ tree: tree.id })
          .whereRaw(
            `(subject, seq) in (values ${pairs
              .map(() => '(?, cast(? as bigint))')
              .join(', ')})`,
            pairs.flat(),
          )
          .delete();
      }
      await this.#subjects.forget(tx, locked, [
        ...new Set(named.map(([subject]) => subject)),
      ]);
      return [
        entryAboutLog({
          type: 'other',
          action: DROP_ACTION,
          actor: { type: 'service', ref: LOG_SOURCE },
          reason: `${rows.length} entries were deleted because their time was over (${name}).`,
          data: {
            retention: name,
            before: new Date(before).toISOString(),
            ranges: rangesOf(seqs),
          },
        }),
      ];
    });
  }
}

/** Rising numbers as ranges up to but not including. */
function rangesOf(seqs: number[]): Array<[number, number]> {
  const ranges: Array<[number, number]> = [];
  for (const seq of seqs) {
    const last = ranges.at(-1);
    if (last?.[1] === seq) last[1] = seq + 1;
    else ranges.push([seq, seq + 1]);
  }
  return ranges;
}

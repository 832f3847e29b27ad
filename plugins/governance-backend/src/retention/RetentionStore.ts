import { DROP_ACTION, entrySchema } from '@agentportal/audit-log';
import { timeOrderedId } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import type { EntryStore } from '../store/EntryStore';
import { type NewEntry, PERMANENT } from '../store/seal';
import type { TreeRow, TreeStore } from '../store/TreeStore';
import type { HoldStore } from './HoldStore';

/** Entries that are deleted in one go, so that no lock is long. */
const BATCH = 1_000;
const DAY_MS = 86_400_000;
const SOURCE = 'plugin:governance';

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
      source: SOURCE,
      retention: PERMANENT,
      ...facts,
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

  constructor(options: {
    knex: Knex;
    entries: EntryStore;
    trees: TreeStore;
    holds: HoldStore;
  }) {
    this.#knex = options.knex;
    this.#entries = options.entries;
    this.#trees = options.trees;
    this.#holds = options.holds;
  }

  /** Goes on until nothing is left to delete, or the signal is aborted. */
  async clean(
    retention: { standard: number; extended: number },
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    for (const tree of await this.#trees.list()) {
      for (const [name, time] of Object.entries(retention)) {
        // What stays is passed over once, and not again by each batch.
        let beyond: number | undefined = -1;
        while (beyond !== undefined && !signal.aborted) {
          beyond = await this.#delete(tree, name, now - time, beyond);
        }
      }
      const longest = Math.max(retention.standard, retention.extended);
      await this.#knex('audit_daily')
        .where({ tree: tree.id })
        .where('day', '<', Math.floor((now - longest) / DAY_MS))
        .delete();
    }
  }

  /** @returns the number of the last entry that was deleted, if there may be more */
  async #delete(
    tree: TreeRow,
    name: string,
    before: number,
    beyond: number,
  ): Promise<number | undefined> {
    let last: number | undefined;
    await this.#entries.append(tree.tenant, async tx => {
      const rows = await tx('audit_entries')
        .select('seq', 'body')
        .where({ tree: tree.id, retention: name })
        .where('seq', '>', beyond)
        .where('recorded_at', '<', before)
        .whereNotExists(this.#holds.held(tx))
        .orderBy('seq')
        .limit(BATCH);
      if (rows.length === 0) {
        return [];
      }
      const seqs = rows.map(row => Number(row.seq));
      last = rows.length === BATCH ? seqs.at(-1) : undefined;
      await tx('audit_entries')
        .where({ tree: tree.id })
        .whereIn('seq', seqs)
        .delete();
      for (const { seq, body } of rows) {
        const { sealed = [] } = entrySchema.parse(JSON.parse(body));
        for (const { subject } of sealed) {
          await tx('audit_entry_subjects')
            .where({ tree: tree.id, subject, seq })
            .delete();
        }
      }
      return [
        entryAboutLog({
          type: 'other',
          action: DROP_ACTION,
          actor: { type: 'service', ref: SOURCE },
          reason: `${rows.length} entries were deleted because their time was over (${name}).`,
          data: {
            retention: name,
            before: new Date(before).toISOString(),
            ranges: rangesOf(seqs),
          },
        }),
      ];
    });
    return last;
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

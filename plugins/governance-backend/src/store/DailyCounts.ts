import { insertRows } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { hash } from 'node:crypto';
import { applyFilter, type EntryFilter } from './filter';
import type { TreeRow } from './TreeStore';

const DAY_MS = 86_400_000;
/** Entries that are counted in one transaction, and from how many on it is worth one. */
const BATCH = 2_000;

interface Count {
  tree: number;
  day: number;
  digest: string;
  type: string;
  outcome: string;
  agent_ref: string | null;
  agent_owner_ref: string | null;
  resource_owner_ref: string | null;
  subjects: string;
  entries: number;
}

const COLUMNS = {
  tree: 'integer',
  day: 'integer',
  digest: 'text',
  type: 'text',
  outcome: 'text',
  agent_ref: 'text',
  agent_owner_ref: 'text',
  resource_owner_ref: 'text',
  subjects: 'text',
  entries: 'bigint',
} as const;

/**
 * Counts of entries by day and by all that decides who may see them. An entry is in
 * them as soon as the log is counted up to it, and until then it is counted by
 * itself, so sums are exact at any time. Who writes does not wait for it.
 */
export class DailyCounts {
  readonly #knex: Knex;
  readonly #counted = new Map<number, number>();
  #running?: Promise<void>;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Counts on when enough has come together since this process last did. */
  grown({ id, size }: TreeRow): void {
    if (!this.#running && size - (this.#counted.get(id) ?? 0) >= BATCH) {
      this.#running = this.catchUp([id])
        // What is not counted now is counted with what comes next.
        .catch(() => {})
        .finally(() => {
          this.#running = undefined;
        });
    }
  }

  /** Goes on until all entries of the logs are counted, or the signal is aborted. */
  async catchUp(trees: number[], signal?: AbortSignal): Promise<void> {
    for (const tree of trees) {
      let more = true;
      while (more && !signal?.aborted) {
        more = await this.#knex.transaction(tx => this.#count(tx, tree));
        // Others use the connection and the event loop in between.
        await new Promise(setImmediate);
      }
    }
  }

  /** Rows with `day`, `type`, `outcome`, `agent_ref` and how many `entries` those are. */
  rows(
    tree: TreeRow,
    filter: EntryFilter & { from: number; to: number },
    subjects: ReadonlyMap<string, string>,
  ): Knex.QueryBuilder {
    const knex = this.#knex;
    const counted = knex('audit_counts')
      .where({ tree: tree.id })
      .where('day', '>=', Math.floor(filter.from / DAY_MS))
      .where('day', '<', Math.ceil(filter.to / DAY_MS))
      .select('day', 'type', 'outcome', 'agent_ref', 'entries');
    applyFilter(counted, knex, filter, subjects, 'audit_counts');
    const others = knex('audit_entries')
      .where({ tree: tree.id })
      // In the same statement, so that both are of one moment.
      .where(
        'seq',
        '>=',
        knex.raw(
          'coalesce((select c.seq from audit_counted c where c.tree = ?), 0)',
          [tree.id],
        ),
      )
      .where('recorded_at', '>=', filter.from)
      .where('recorded_at', '<', filter.to)
      .select(
        knex.raw(`recorded_at / ${DAY_MS} as day`),
        'type',
        'outcome',
        'agent_ref',
        knex.raw('1 as entries'),
      );
    applyFilter(others, knex, filter, subjects);
    return knex.unionAll([counted, others]);
  }

  /** @returns whether there may be more */
  async #count(tx: Knex.Transaction, tree: number): Promise<boolean> {
    await tx('audit_counted')
      .insert({ tree, seq: 0 })
      .onConflict('tree')
      .ignore();
    // Of several processes that count, one does it at a time.
    const { seq } = await tx('audit_counted')
      .where({ tree })
      .forUpdate()
      .first('seq');
    // Entries become visible in the order of their numbers.
    const rows = await tx('audit_entries')
      .where({ tree })
      .where('seq', '>=', seq)
      .orderBy('seq')
      .limit(BATCH)
      .select(
        'seq',
        'recorded_at',
        'type',
        'outcome',
        'agent_ref',
        'agent_owner_ref',
        'resource_owner_ref',
        'body',
      );
    const next = rows.length ? Number(rows.at(-1).seq) + 1 : Number(seq);
    this.#counted.set(tree, next);
    if (rows.length === 0) {
      return false;
    }
    const counts = new Map<string, Count>();
    for (const row of rows) {
      const day = Math.floor(Number(row.recorded_at) / DAY_MS);
      const said = {
        type: row.type,
        outcome: row.outcome,
        agent_ref: row.agent_ref,
        agent_owner_ref: row.agent_owner_ref,
        resource_owner_ref: row.resource_owner_ref,
        subjects: subjectsIn(row.body),
      };
      const text = JSON.stringify(said);
      const known = counts.get(`${day} ${text}`);
      if (known) {
        known.entries += 1;
      } else {
        const digest = hash('sha256', text, 'base64url');
        counts.set(`${day} ${text}`, {
          ...{ tree, day, digest },
          ...said,
          entries: 1,
        });
      }
    }
    await insertRows(
      tx,
      'audit_counts',
      COLUMNS,
      [...counts.values()],
      'on conflict (tree, day, digest) do update set entries = audit_counts.entries + excluded.entries',
    );
    await tx('audit_counted').where({ tree }).update({ seq: next });
    return rows.length === BATCH;
  }
}

function subjectsIn(body: string): string {
  const { sealed = [] }: { sealed?: Array<{ subject: string }> } =
    JSON.parse(body);
  return sealed
    .map(({ subject }) => subject)
    .sort()
    .join(' ');
}

import { insertRows } from '@agentportal/plugin-agents-node';
import type { LogSigner, Tile, TreeHead } from '@agentportal/audit-log';
import type { AuditReceipt } from '@agentportal/plugin-governance-common';
import type { Knex } from 'knex';
import type { DailyCounts } from './DailyCounts';
import { ENTRY_COLUMNS, type NewEntry, placeEntry, sealEntry } from './seal';
import type { Subject, Subjects } from './Subjects';
import type { TreeRow, TreeStore } from './TreeStore';

/** Ids in one statement, below what every database takes. */
const CHUNK = 500;

/** Entries to add, or what makes them in the same transaction. */
type ToAppend =
  | NewEntry[]
  | ((tx: Knex.Transaction, tree: TreeRow) => Promise<NewEntry[]>);

/** Adds entries to logs. */
export class EntryStore {
  readonly #knex: Knex;
  readonly #trees: TreeStore;
  readonly #subjects: Subjects;
  readonly #signer: LogSigner;
  readonly #headEvery: number;
  readonly #counts: DailyCounts;
  /** Where this process left off; of no use once another one has written. */
  readonly #edges = new Map<string, { tree: TreeRow; tiles: Tile[] }>();

  constructor(options: {
    knex: Knex;
    trees: TreeStore;
    subjects: Subjects;
    signer: LogSigner;
    /** After how many entries a head is signed. */
    headEvery: number;
    counts: DailyCounts;
  }) {
    this.#knex = options.knex;
    this.#trees = options.trees;
    this.#subjects = options.subjects;
    this.#signer = options.signer;
    this.#headEvery = options.headEvery;
    this.#counts = options.counts;
  }

  /**
   * Adds entries in one transaction, and resolves when they are durable. An id that
   * is there already is not added again.
   *
   * @returns where each of them stands
   */
  async append(tenant: string, toAppend: ToAppend): Promise<AuditReceipt[]> {
    try {
      return await this.#append(tenant, toAppend, false);
    } catch (error) {
      if (!isDuplicate(error)) {
        throw error;
      }
      return this.#append(tenant, toAppend, true);
    }
  }

  /**
   * Does of the work for an entry what can be done before it is appended, so that the
   * log is not locked meanwhile. Nothing is lost if it is not done.
   */
  prepare(tenant: string, entry: NewEntry): void {
    const tree = this.#edges.get(tenant)?.tree;
    if (entry.sealed || !tree) {
      return;
    }
    const subjects = this.#subjects.known(tree, entry.persons);
    if (subjects) {
      seal(entry, tree, subjects);
    }
  }

  /** Signs what the log is now, unless its latest head says it already. */
  async signHead(tenant: string): Promise<TreeHead | undefined> {
    return this.#knex.transaction(async tx => {
      const tree = await this.#trees.lock(tenant, tx);
      if (tree.size === 0) {
        return undefined;
      }
      if (tree.headSize === tree.size) {
        const [head] = await this.#trees.latestHeads(tree.id, 1, undefined, tx);
        return head;
      }
      const edge = await this.#trees.readEdge(tree, tx);
      const head = await this.#trees.sign(tx, tree, edge, this.#signer);
      await this.#trees.update(tx, { ...tree, headSize: tree.size });
      return head;
    });
  }

  async #append(
    tenant: string,
    toAppend: ToAppend,
    lookForIds: boolean,
  ): Promise<AuditReceipt[]> {
    const done = await this.#knex.transaction(async tx => {
      const tree = await this.#trees.lock(tenant, tx);
      const entries =
        typeof toAppend === 'function' ? await toAppend(tx, tree) : toAppend;
      const places = lookForIds
        ? await this.#placesOf(tx, tree, entries)
        : new Map<string, number>();
      const added: NewEntry[] = [];
      let { size } = tree;
      for (const entry of entries) {
        if (!places.has(entry.id)) {
          places.set(entry.id, size);
          size += 1;
          added.push(entry);
        }
      }
      const receipts = entries.map(({ id }) => ({ id, seq: places.get(id)! }));
      if (added.length === 0) {
        await this.#trees.update(tx, tree);
        return { receipts, tree };
      }

      const subjects = await this.#subjects.ensure(
        tx,
        tree,
        new Set(added.flatMap(({ persons }) => persons)),
      );
      // Time does not go back in a log, whatever clocks its writers have.
      const recordedAt = Math.max(Date.now(), tree.lastAt);
      const time = new Date(recordedAt).toISOString();
      const sealed = added.map(entry =>
        // Whoever was erased meanwhile has no key any more.
        entry.sealed?.erasures === tree.erasures
          ? entry.sealed
          : seal(entry, tree, subjects),
      );
      const placed = sealed.map((entry, i) =>
        placeEntry(
          entry,
          { tree: tree.id, seq: tree.size + i, recordedAt },
          time,
        ),
      );
      const rows = placed.map(({ row }) => row);
      await insertRows(tx, 'audit_entries', ENTRY_COLUMNS, rows);
      await insertRows(
        tx,
        'audit_entry_subjects',
        { tree: 'integer', subject: 'text', seq: 'bigint' },
        sealed.flatMap(({ subjects: named }, i) =>
          named.map(subject => ({ tree: tree.id, subject, seq: rows[i].seq })),
        ),
      );
      const known = this.#edges.get(tenant);
      const tiles = await this.#trees.append(
        tx,
        tree,
        known?.tree.size === tree.size
          ? known.tiles
          : await this.#trees.readEdge(tree, tx),
        placed.map(({ leaf }) => leaf),
      );
      const grown = { ...tree, size, lastAt: recordedAt };
      if (size - tree.headSize >= this.#headEvery) {
        await this.#trees.sign(tx, grown, tiles, this.#signer);
        grown.headSize = size;
      }
      await this.#trees.update(tx, grown);
      return { receipts, tree: grown, tiles, subjects };
    });

    if (done.tiles) {
      const { tree, tiles, subjects } = done;
      this.#edges.set(tenant, { tree, tiles });
      this.#subjects.remember(tree, subjects);
      this.#counts.grown(tree);
    }
    return done.receipts;
  }

  async #placesOf(tx: Knex.Transaction, tree: TreeRow, entries: NewEntry[]) {
    const places = new Map<string, number>();
    for (let at = 0; at < entries.length; at += CHUNK) {
      const rows = await tx('audit_entries')
        .select('id', 'seq')
        .where({ tree: tree.id })
        .whereIn(
          'id',
          entries.slice(at, at + CHUNK).map(({ id }) => id),
        );
      rows.forEach(row => places.set(row.id, Number(row.seq)));
    }
    return places;
  }
}

function seal(
  entry: NewEntry,
  { tenant, erasures }: TreeRow,
  subjects: ReadonlyMap<string, Subject>,
) {
  entry.sealed = { ...sealEntry(entry, tenant, subjects), erasures };
  return entry.sealed;
}

function isDuplicate(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '23505' || !!code?.startsWith('SQLITE_CONSTRAINT');
}

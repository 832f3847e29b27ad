import type { Knex } from 'knex';
import type { StoredValue } from './storedValue';

/** Threads that are looked for in one go, and rows that are deleted in one. */
const BATCH = 200;

interface Kept {
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_id: string | null;
  channels: string;
}

/** How much of the states of graphs is kept. */
export interface CheckpointRetentionOptions {
  /** Whole threads go when nothing has been written to them for so long. */
  maxAgeMs: number;
  /** The newest ones of a namespace that stay; at least one. */
  keepPerNamespace: number;
}

/** Deletes checkpoints that nobody goes back to, and the values of them alone. */
export class CheckpointRetention {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Goes on until nothing is left to delete, or the signal is aborted. */
  async clean(
    options: CheckpointRetentionOptions,
    signal: AbortSignal,
    now = Date.now(),
  ): Promise<void> {
    let deleted = BATCH;
    while (deleted === BATCH && !signal.aborted) {
      deleted = await this.#deleteThreads(now - options.maxAgeMs);
    }
    // Once through; those that are written to meanwhile have their turn next time.
    let due: string[] = [''];
    while (due.length && !signal.aborted) {
      due = await this.#knex('orchestration_checkpoint_threads')
        .where('prune_due', true)
        .andWhere('thread_id', '>', due.at(-1)!)
        .orderBy('thread_id')
        .limit(BATCH)
        .pluck('thread_id');
      for (const threadId of due) {
        if (signal.aborted) return;
        await this.#prune(threadId, Math.max(1, options.keepPerNamespace));
      }
    }
  }

  /** A run that waits for a person keeps its thread, however long it waits. */
  async #deleteThreads(before: number): Promise<number> {
    const threads = 'orchestration_checkpoint_threads';
    const old: string[] = await this.#knex(threads)
      .where('updated_at', '<', before)
      .whereNotExists(open =>
        open
          .select('id')
          .from('orchestration_runs')
          .whereIn('status', ['queued', 'running', 'interrupted'])
          .andWhere(its =>
            its
              .where('id', this.#knex.ref(`${threads}.thread_id`))
              .orWhere('thread_id', this.#knex.ref(`${threads}.thread_id`)),
          ),
      )
      .limit(BATCH)
      .pluck('thread_id');
    await this.#knex(threads)
      .whereIn('thread_id', old)
      .andWhere('updated_at', '<', before)
      .delete();
    return old.length;
  }

  async #prune(threadId: string, keep: number): Promise<void> {
    await this.#knex.transaction(async tx => {
      // The lock that each write to the thread takes first.
      await tx('orchestration_checkpoint_threads')
        .where('thread_id', threadId)
        .update({ prune_due: false });
      const rows: Kept[] = await tx('orchestration_checkpoints')
        .where('thread_id', threadId)
        .orderBy('checkpoint_id', 'desc')
        .select('checkpoint_ns', 'checkpoint_id', 'parent_id', 'channels');
      const namespaces = Map.groupBy(rows, row => row.checkpoint_ns);
      const oldestRoot = namespaces.get('')?.slice(0, keep).at(-1);
      for (const [ns, all] of namespaces) {
        // What a subgraph did in a call that no step remembers; one that keeps
        // its state from call to call has no call in its name.
        const isOver =
          ns.includes(':') &&
          oldestRoot !== undefined &&
          all[0].checkpoint_id < oldestRoot.checkpoint_id;
        const kept = isOver ? new Set<Kept>() : withAncestors(all, keep);
        const gone = all.filter(row => !kept.has(row));
        if (gone.length) {
          await deleteCheckpoints(tx, { threadId, ns, gone, kept });
        }
      }
    });
  }
}

/**
 * The newest ones, and those that the value of a delta channel is worked out
 * from, up to the nearest one that has it.
 */
function withAncestors(newestFirst: Kept[], keep: number): Set<Kept> {
  const byId = new Map(newestFirst.map(row => [row.checkpoint_id, row]));
  const kept = new Set(newestFirst.slice(0, keep));
  for (const row of newestFirst.slice(0, keep)) {
    const wanted = new Set(
      channelsOf(row).flatMap(([name, { delta }]) => (delta ? [name] : [])),
    );
    const seen = new Set([row]);
    let next = row.parent_id ? byId.get(row.parent_id) : undefined;
    while (wanted.size && next && !seen.has(next)) {
      kept.add(next);
      seen.add(next);
      channelsOf(next).forEach(([name, { parts }]) => {
        if (parts) wanted.delete(name);
      });
      next = next.parent_id ? byId.get(next.parent_id) : undefined;
    }
  }
  return kept;
}

function channelsOf(row: Kept): Array<[string, StoredValue]> {
  return Object.entries(JSON.parse(row.channels));
}

async function deleteCheckpoints(
  tx: Knex.Transaction,
  of: { threadId: string; ns: string; gone: Kept[]; kept: Set<Kept> },
): Promise<void> {
  const key = { thread_id: of.threadId, checkpoint_ns: of.ns };
  const needed = new Set(
    [...of.kept].flatMap(row =>
      channelsOf(row).flatMap(([name, { parts = [] }]) =>
        parts.map(([id]) => `${id} ${name}`),
      ),
    ),
  );
  const ids = of.gone.map(row => row.checkpoint_id);
  for (let i = 0; i < ids.length; i += BATCH) {
    const batch = ids.slice(i, i + BATCH);
    for (const table of [
      'orchestration_checkpoints',
      'orchestration_checkpoint_writes',
    ]) {
      await tx(table).where(key).whereIn('checkpoint_id', batch).delete();
    }
  }
  const values: Array<{ channel: string; checkpoint_id: string }> = await tx(
    'orchestration_checkpoint_values',
  )
    .where(key)
    .select('channel', 'checkpoint_id');
  const unused = Map.groupBy(
    values.filter(
      ({ channel, checkpoint_id }) =>
        !needed.has(`${checkpoint_id} ${channel}`),
    ),
    ({ channel }) => channel,
  );
  for (const [channel, rows] of unused) {
    for (let i = 0; i < rows.length; i += BATCH) {
      await tx('orchestration_checkpoint_values')
        .where({ ...key, channel })
        .whereIn(
          'checkpoint_id',
          rows.slice(i, i + BATCH).map(row => row.checkpoint_id),
        )
        .delete();
    }
  }
}

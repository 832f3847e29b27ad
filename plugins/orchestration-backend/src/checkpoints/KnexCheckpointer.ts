import { toOutage } from '@agentportal/plugin-agents-node';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointTuple,
} from '@langchain/langgraph';
import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import { groupCommit } from '../store/groupCommit';
import { requireClaim } from '../store/requireClaim';
import { retryWrite } from '../workers/retryWrite';
import { CheckpointReader } from './CheckpointReader';
import { type CheckpointKey, KeyRing, type Sealed } from './KeyRing';
import { claimOf } from './claimOf';
import { type StoredValue, storeValue } from './storedValue';

type ListOptions = NonNullable<Parameters<BaseCheckpointSaver['list']>[1]>;
type NewVersions = Parameters<BaseCheckpointSaver['put']>[3];
type PendingWrites = Parameters<BaseCheckpointSaver['putWrites']>[1];
type DeltaHistory = ReturnType<BaseCheckpointSaver['getDeltaChannelHistory']>;

/** Rows in one statement; databases bound the number of its values. */
const BATCH = 500;
const CHECKPOINT_KEY = ['thread_id', 'checkpoint_ns', 'checkpoint_id'];
const HOUR_MS = 3_600_000;
/** How long one tries again while the database does not answer. */
const WITHIN_MS = 10_000;

/**
 * Numbers of writes that are no results. They are written anew each time, while
 * of a result the first one stays. Source: `WRITES_IDX_MAP` of
 * `@langchain/langgraph-checkpoint`.
 */
const SPECIAL_WRITES = new Map([
  ['__error__', -1],
  ['__scheduled__', -2],
  ['__interrupt__', -3],
  ['__resume__', -4],
]);

/**
 * Keeps the states of LangGraph's graphs in the plugin's database, SQLite or
 * PostgreSQL, so that a run goes on after the end of its process. Use it with
 * `durability: 'sync'`.
 *
 * A checkpoint says of each channel where its value lies. What is new lies with
 * the checkpoint itself, what is not is found where the parent found it, so
 * branches of one thread never see each other's values.
 *
 * With `configurable.run_claim: { runId, fence }` nothing is written once the
 * process has lost its claim on the run; then `put` and `putWrites` throw a
 * `ConflictError`.
 */
export class KnexCheckpointer extends BaseCheckpointSaver {
  readonly #knex: Knex;
  readonly #keys: KeyRing;
  readonly #reader: CheckpointReader;

  private constructor(knex: Knex, keys: KeyRing) {
    super();
    this.#knex = knex;
    this.#keys = keys;
    this.#reader = new CheckpointReader(knex, keys, this.serde);
  }

  /**
   * @param options.knex - a database with the migrations of this plugin
   * @param options.keys - the first seals, all open; left out, checkpoints lie
   *   in the open
   */
  static create(options: {
    knex: Knex;
    keys?: CheckpointKey[];
  }): KnexCheckpointer {
    return new KnexCheckpointer(options.knex, new KeyRing(options.keys ?? []));
  }

  getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    return retryWrite(() => this.#tuple(config), {
      forMs: WITHIN_MS,
      isWorthIt: error => ServiceUnavailableError.is(toOutage(error)),
    });
  }

  async #tuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, ns = '', checkpointId } = addressOf(config);
    if (threadId === undefined) {
      return undefined;
    }
    // It may be thinned out or deleted between the looks at two tables.
    for (let attempts = 3; ; attempts -= 1) {
      const row = await this.#reader.find(threadId, ns, checkpointId);
      const [tuple] = row ? await this.#reader.tuplesOf([row]) : [];
      if (tuple || !row) {
        return tuple;
      }
      if (attempts === 1) {
        throw new Error(
          `Values of checkpoint ${row.checkpoint_id} of thread ${threadId} are missing in the database; go on from an earlier checkpoint.`,
        );
      }
    }
  }

  /** Newest first, thread by thread. */
  async *list(
    config: RunnableConfig,
    options: ListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const before = options.before && addressOf(options.before).checkpointId;
    const filter = Object.entries(options.filter ?? {});
    let left = options.limit ?? Infinity;
    for await (const page of this.#reader.pages(addressOf(config), before)) {
      const wanted = page.filter(({ metadata }) =>
        filter.every(([key, value]) =>
          isDeepStrictEqual((metadata as Record<string, unknown>)[key], value),
        ),
      );
      yield* await this.#reader.tuplesOf(wanted.slice(0, left));
      left -= wanted.length;
      if (left <= 0) {
        return;
      }
    }
  }

  async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: NewVersions,
  ): Promise<RunnableConfig> {
    const { threadId, ns = '', checkpointId: parentId } = addressOf(config);
    requireId('thread_id', threadId);
    const claim = claimOf(config);
    const {
      channel_values: values,
      channel_versions: versions,
      ...rest
    } = checkpoint;
    const place = [threadId, ns, checkpoint.id];
    const [, body] = await this.serde.dumpsTyped({ ...rest, metadata });
    const dumped = new Map<string, [string, Uint8Array]>();
    const dump = async (channel: string) => {
      dumped.set(channel, await this.serde.dumpsTyped(values[channel]));
    };
    const hasValue = (channel: string) => Object.hasOwn(values, channel);
    await Promise.all(Object.keys(newVersions).filter(hasValue).map(dump));
    // Where there is a parent, whatever it lacks is new too: it may have been
    // deleted, and a copy ("fork") has values that its parent never had.
    const takesAll = parentId !== undefined || metadata.source === 'fork';

    await this.#write(async tx => {
      if (claim) {
        await requireClaim(tx, claim, 'no more checkpoints');
      }
      await touchThread(tx, threadId);
      const inherited =
        parentId && parentId !== checkpoint.id
          ? await this.#reader.channelsOf(threadId, ns, parentId, tx)
          : {};
      const channels: Record<string, StoredValue> = {};
      const pieces: Array<Sealed & { channel: string }> = [];
      for (const [channel, version] of Object.entries(versions)) {
        const before = inherited[channel];
        const isNew = Object.hasOwn(newVersions, channel);
        if (!isNew && before?.version === version) {
          channels[channel] = before;
          continue;
        }
        channels[channel] = { version };
        if (hasValue(channel) && (isNew || takesAll)) {
          if (!dumped.has(channel)) {
            await dump(channel);
          }
          const { stored, piece } = storeValue(
            { checkpointId: checkpoint.id, version },
            dumped.get(channel)!,
            before,
            this.#keys,
          );
          channels[channel] = stored;
          if (piece) {
            pieces.push({
              channel,
              ...this.#keys.seal(['value', ...place, channel], piece),
            });
          }
        }
      }
      const deltas = metadata.counters_since_delta_snapshot ?? {};
      for (const channel of Object.keys(deltas)) {
        if (channels[channel] && !channels[channel].parts) {
          channels[channel].delta = true;
        }
      }
      const key = {
        thread_id: threadId,
        checkpoint_ns: ns,
        checkpoint_id: checkpoint.id,
      };
      for (let i = 0; i < pieces.length; i += BATCH) {
        await tx('orchestration_checkpoint_values')
          .insert(pieces.slice(i, i + BATCH).map(row => ({ ...key, ...row })))
          .onConflict([...CHECKPOINT_KEY, 'channel'])
          .merge(['data', 'key_id']);
      }
      const { key_id, data } = this.#keys.seal(['checkpoint', ...place], body);
      await tx('orchestration_checkpoints')
        .insert({
          ...key,
          parent_id: parentId ?? null,
          channels: JSON.stringify(channels),
          body: data,
          key_id,
        })
        .onConflict(CHECKPOINT_KEY)
        .merge(['parent_id', 'channels', 'body', 'key_id']);
    });
    return {
      configurable: {
        thread_id: threadId,
        checkpoint_ns: ns,
        checkpoint_id: checkpoint.id,
      },
    };
  }

  async putWrites(
    config: RunnableConfig,
    writes: PendingWrites,
    taskId: string,
    taskPath = '',
  ): Promise<void> {
    const { threadId, ns = '', checkpointId } = addressOf(config);
    requireId('thread_id', threadId);
    const claim = claimOf(config);
    requireId('checkpoint_id', checkpointId);
    const rows = await Promise.all(
      writes.map(async ([channel, value], i) => {
        const idx = SPECIAL_WRITES.get(channel) ?? i;
        const [type, bytes] = await this.serde.dumpsTyped(value);
        return {
          thread_id: threadId,
          checkpoint_ns: ns,
          checkpoint_id: checkpointId,
          task_id: taskId,
          idx,
          task_path: taskPath,
          channel,
          type,
          ...this.#keys.seal(
            ['write', threadId, ns, checkpointId, taskId, `${idx}`],
            bytes,
          ),
        };
      }),
    );
    // Of two with one number in one call the last one holds.
    const unique = [...new Map(rows.map(row => [row.idx, row])).values()];
    const insert = (tx: Knex.Transaction, batch: typeof rows) =>
      tx('orchestration_checkpoint_writes')
        .insert(batch)
        .onConflict([...CHECKPOINT_KEY, 'task_id', 'idx']);
    await this.#write(async tx => {
      if (claim) {
        await requireClaim(tx, claim, 'no more checkpoints');
      }
      await touchThread(tx, threadId);
      const special = unique.filter(({ idx }) => idx < 0);
      if (special.length) {
        await insert(tx, special).merge();
      }
      const results = unique.filter(({ idx }) => idx >= 0);
      for (let i = 0; i < results.length; i += BATCH) {
        await insert(tx, results.slice(i, i + BATCH)).ignore();
      }
    });
  }

  /** A database that is started anew costs no run its step. */
  async #write(work: (tx: Knex.Transaction) => Promise<void>): Promise<void> {
    await retryWrite(() => groupCommit(this.#knex, work), {
      forMs: WITHIN_MS,
    });
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#knex('orchestration_checkpoint_threads')
      .where('thread_id', threadId)
      .delete();
  }

  /** Reads the way to the nearest stored values once, and nothing beside it. */
  async getDeltaChannelHistory(options: {
    config: RunnableConfig;
    channels: string[];
  }): DeltaHistory {
    const { threadId, ns = '', checkpointId } = addressOf(options.config);
    if (threadId === undefined) {
      return Object.fromEntries(
        options.channels.map(channel => [channel, { writes: [] }]),
      );
    }
    return this.#reader.deltaHistory(
      threadId,
      ns,
      checkpointId,
      options.channels,
    );
  }
}

function addressOf(config: RunnableConfig) {
  const {
    thread_id: threadId,
    checkpoint_ns: ns,
    checkpoint_id: id,
    thread_ts: oldId,
  } = config.configurable ?? {};
  return {
    threadId: threadId as string | undefined,
    ns: ns as string | undefined,
    checkpointId: (id || oldId || undefined) as string | undefined,
  };
}

function requireId(name: string, id: unknown): asserts id is string {
  if (typeof id !== 'string' || !id) {
    throw new InputError(
      `A checkpoint can only be stored under a "${name}": pass it as { configurable: { ${name}: '…' } }.`,
    );
  }
}

/**
 * Notes that a thread lives, and locks it: what is written to a thread, thinned
 * out and deleted of it is never at the same time.
 */
async function touchThread(
  tx: Knex.Transaction,
  threadId: string,
): Promise<void> {
  // To the hour, so that the row seldom changes; PostgreSQL locks it all the same.
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  await tx('orchestration_checkpoint_threads')
    .insert({ thread_id: threadId, updated_at: hour, prune_due: true })
    .onConflict('thread_id')
    .merge()
    .where(changed =>
      changed
        .where('orchestration_checkpoint_threads.updated_at', '<', hour)
        .orWhere('orchestration_checkpoint_threads.prune_due', false),
    );
}

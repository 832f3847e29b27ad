import type {
  BaseCheckpointSaver,
  Checkpoint,
  CheckpointMetadata,
  CheckpointTuple,
} from '@langchain/langgraph';
import type { Knex } from 'knex';
import type { KeyRing } from './KeyRing';
import { joinValue, type StoredValue } from './storedValue';

type Serde = BaseCheckpointSaver['serde'];
type PendingWrite = NonNullable<CheckpointTuple['pendingWrites']>[number];
type Channels = Record<string, StoredValue>;
type DeltaHistory = Awaited<
  ReturnType<BaseCheckpointSaver['getDeltaChannelHistory']>
>;

/** A row of `orchestration_checkpoints`, opened. */
export interface CheckpointRow {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_id: string | null;
  channels: Channels;
  checkpoint: Omit<Checkpoint, 'channel_values' | 'channel_versions'>;
  metadata: CheckpointMetadata;
}

type SealedRow = Omit<CheckpointRow, 'channels' | 'checkpoint' | 'metadata'> & {
  channels: string;
  body: Buffer;
  key_id: string | null;
};

type Ancestor = Pick<CheckpointRow, 'checkpoint_id' | 'channels'>;

/** Checkpoints that are put together in one go; each can be large. */
const PAGE = 20;
/** Steps back to an earlier state in one go. */
const STEPS = 100;
/** Channels in one statement; SQLite bounds the depth of conditions. */
const CHANNELS = 200;
/** In checkpoints before version 4, what was sent is with the parent's writes. */
const TASKS = '__pregel_tasks';

/** Puts checkpoints together from the rows that they lie in. */
export class CheckpointReader {
  readonly #knex: Knex;
  readonly #keys: KeyRing;
  readonly #serde: Serde;

  constructor(knex: Knex, keys: KeyRing, serde: Serde) {
    this.#knex = knex;
    this.#keys = keys;
    this.#serde = serde;
  }

  /** The latest one of a namespace where no id is given. */
  async find(
    threadId: string,
    ns: string,
    checkpointId?: string,
  ): Promise<CheckpointRow | undefined> {
    const row = await this.#knex('orchestration_checkpoints')
      .where({ thread_id: threadId, checkpoint_ns: ns })
      .modify(select => {
        if (checkpointId) {
          select.where('checkpoint_id', checkpointId);
        }
      })
      .orderBy('checkpoint_id', 'desc')
      .first();
    return row && this.#open(row);
  }

  /** Where the values of a checkpoint lie; nothing when there is none. */
  async channelsOf(
    threadId: string,
    ns: string,
    checkpointId: string,
    tx: Knex.Transaction,
  ): Promise<Channels> {
    const row = await tx('orchestration_checkpoints')
      .where({
        thread_id: threadId,
        checkpoint_ns: ns,
        checkpoint_id: checkpointId,
      })
      .first('channels');
    return row ? JSON.parse(row.channels) : {};
  }

  /** Checkpoints of all threads, or one, or one namespace of it, in pages. */
  async *pages(
    of: { threadId?: string; ns?: string; checkpointId?: string },
    before?: string,
  ): AsyncGenerator<CheckpointRow[]> {
    const order = ['thread_id', 'checkpoint_id', 'checkpoint_ns'] as const;
    let last: string[] | undefined;
    do {
      const after = last;
      const rows: SealedRow[] = await this.#knex('orchestration_checkpoints')
        .modify(select => {
          if (of.threadId !== undefined) select.where('thread_id', of.threadId);
          if (of.ns !== undefined) select.where('checkpoint_ns', of.ns);
          if (of.checkpointId) select.where('checkpoint_id', of.checkpointId);
          if (before) select.where('checkpoint_id', '<', before);
          if (after) select.whereRaw(`(${order}) < (?, ?, ?)`, after);
        })
        .orderBy(order.map(column => ({ column, order: 'desc' })))
        .limit(PAGE);
      yield await Promise.all(rows.map(row => this.#open(row)));
      const end = rows.at(PAGE - 1);
      last = end && order.map(name => end[name]);
    } while (last);
  }

  /** In their order; those of which a value is not there any more are left out. */
  async tuplesOf(rows: CheckpointRow[]): Promise<CheckpointTuple[]> {
    const tuples = new Map<CheckpointRow, CheckpointTuple>();
    const groups = Map.groupBy(rows, row =>
      JSON.stringify([row.thread_id, row.checkpoint_ns]),
    );
    for (const group of groups.values()) {
      const { thread_id: threadId, checkpoint_ns: ns } = group[0];
      const sendersOf = group.flatMap(row =>
        row.checkpoint.v < 4 && row.parent_id ? [row.parent_id] : [],
      );
      const [pieces, writes, sends] = await Promise.all([
        this.#pieces(
          threadId,
          ns,
          group.map(row => row.channels),
        ),
        this.#writes(
          threadId,
          ns,
          group.map(row => row.checkpoint_id),
        ),
        this.#writes(threadId, ns, sendersOf, [TASKS]),
      ]);
      for (const row of group) {
        const values = await this.#valuesOf(row.channels, pieces);
        if (values) {
          const tuple = toTuple(row, values, writes.get(row.checkpoint_id));
          if (row.checkpoint.v < 4 && row.parent_id) {
            addPendingSends(tuple.checkpoint, sends.get(row.parent_id));
          }
          tuples.set(row, tuple);
        }
      }
    }
    return rows.flatMap(row => tuples.get(row) ?? []);
  }

  /**
   * What was written to channels since the nearest ancestor with their value, in
   * the order in which it took effect, and that value.
   */
  async deltaHistory(
    threadId: string,
    ns: string,
    checkpointId: string | undefined,
    channels: string[],
  ): Promise<DeltaHistory> {
    const history: DeltaHistory = Object.fromEntries(
      channels.map(channel => [channel, { writes: [] }]),
    );
    const wanted = new Set(channels);
    // Channels of which the writes at an ancestor count, nearest ancestor first.
    const path: Array<{ id: string; channels: Set<string> }> = [];
    for await (const ancestor of this.#ancestors(threadId, ns, checkpointId)) {
      if (!wanted.size) {
        break;
      }
      path.push({ id: ancestor.checkpoint_id, channels: new Set(wanted) });
      const stored = Object.fromEntries(
        Object.entries(ancestor.channels).filter(
          ([channel, { parts }]) => parts && wanted.has(channel),
        ),
      );
      if (Object.keys(stored).length) {
        const pieces = await this.#pieces(threadId, ns, [stored]);
        const seeds = await this.#valuesOf(stored, pieces);
        for (const [channel, seed] of Object.entries(seeds ?? {})) {
          history[channel].seed = seed;
          wanted.delete(channel);
        }
      }
    }
    path.reverse();
    for (let i = 0; i < path.length; i += STEPS) {
      const steps = path.slice(i, i + STEPS);
      const writes = await this.#writes(
        threadId,
        ns,
        steps.map(({ id }) => id),
        channels,
      );
      for (const step of steps) {
        for (const write of writes.get(step.id) ?? []) {
          if (step.channels.has(write[1])) {
            history[write[1]].writes.push(write);
          }
        }
      }
    }
    return history;
  }

  /** Nearest first, without the checkpoint itself. */
  async *#ancestors(
    threadId: string,
    ns: string,
    checkpointId?: string,
  ): AsyncGenerator<Ancestor> {
    let from = (await this.find(threadId, ns, checkpointId))?.parent_id;
    const key = { thread_id: threadId, checkpoint_ns: ns };
    const columns = ['checkpoint_id', 'parent_id', 'channels'];
    while (from) {
      const start = { ...key, checkpoint_id: from };
      const rows = await this.#knex
        .withRecursive('way', [...columns, 'depth'], way =>
          way
            .select(...columns, this.#knex.raw('1'))
            .from('orchestration_checkpoints')
            .where(start)
            .unionAll(next =>
              next
                .select(columns.map(name => `c.${name}`))
                .select(this.#knex.raw('way.depth + 1'))
                .from('orchestration_checkpoints as c')
                .join('way', 'c.checkpoint_id', 'way.parent_id')
                .where({ 'c.thread_id': threadId, 'c.checkpoint_ns': ns })
                .where('way.depth', '<', STEPS),
            ),
        )
        .from('way')
        .orderBy('depth');
      from = rows.at(-1)?.parent_id;
      for (const row of rows) {
        yield { ...row, channels: JSON.parse(row.channels) };
      }
    }
  }

  async #open({ body, key_id, ...row }: SealedRow): Promise<CheckpointRow> {
    const { thread_id, checkpoint_ns, checkpoint_id, channels } = row;
    const opened = this.#keys.open(
      ['checkpoint', thread_id, checkpoint_ns, checkpoint_id],
      { key_id, data: body },
    );
    const { metadata, ...checkpoint } = await this.#serde.loadsTyped(
      'json',
      opened,
    );
    return { ...row, channels: JSON.parse(channels), checkpoint, metadata };
  }

  /** The pieces of values, by channel and checkpoint. */
  async #pieces(
    threadId: string,
    ns: string,
    of: Channels[],
  ): Promise<Map<string, Map<string, Buffer>>> {
    const pieces = new Map<string, Map<string, Buffer>>();
    const wanted = new Map<string, Set<string>>();
    for (const [channel, { parts }] of of.flatMap(
      Object.entries<StoredValue>,
    )) {
      const ids = wanted.get(channel) ?? new Set();
      parts?.forEach(([id]) => wanted.set(channel, ids.add(id)));
    }
    const entries = [...wanted];
    for (let i = 0; i < entries.length; i += CHANNELS) {
      const rows = await this.#knex('orchestration_checkpoint_values')
        .where({ thread_id: threadId, checkpoint_ns: ns })
        .andWhere(any => {
          for (const [channel, ids] of entries.slice(i, i + CHANNELS)) {
            any.orWhere(one =>
              one.where({ channel }).whereIn('checkpoint_id', [...ids]),
            );
          }
        })
        .select('channel', 'checkpoint_id', 'key_id', 'data');
      for (const { channel, checkpoint_id, ...sealed } of rows) {
        const ofChannel = pieces.get(channel) ?? new Map();
        const place = ['value', threadId, ns, checkpoint_id, channel];
        ofChannel.set(checkpoint_id, this.#keys.open(place, sealed));
        pieces.set(channel, ofChannel);
      }
    }
    return pieces;
  }

  /** Nothing when a piece is missing, or is not the one that was meant. */
  async #valuesOf(
    channels: Channels,
    pieces: Map<string, Map<string, Buffer>>,
  ): Promise<Record<string, unknown> | undefined> {
    const values: Array<[string, unknown]> = [];
    for (const [channel, { type, parts }] of Object.entries(channels)) {
      if (!type || !parts) {
        continue;
      }
      const found = parts.flatMap(([id, bytes]) => {
        const piece = pieces.get(channel)?.get(id);
        return piece?.length === bytes ? piece : [];
      });
      if (found.length < parts.length) {
        return undefined;
      }
      const value = await this.#serde.loadsTyped(...joinValue(type, found));
      values.push([channel, value]);
    }
    return Object.fromEntries(values);
  }

  /** By checkpoint, in the order in which LangGraph applies them. */
  async #writes(
    threadId: string,
    ns: string,
    checkpointIds: string[],
    channels?: string[],
  ): Promise<Map<string, PendingWrite[]>> {
    const writes = new Map<string, PendingWrite[]>();
    if (!checkpointIds.length) {
      return writes;
    }
    const rows = await this.#knex('orchestration_checkpoint_writes')
      .where({ thread_id: threadId, checkpoint_ns: ns })
      .whereIn('checkpoint_id', checkpointIds)
      .modify(select => {
        if (channels) select.whereIn('channel', channels);
      })
      .orderBy(['task_path', 'task_id', 'idx']);
    for (const { checkpoint_id, task_id, idx, channel, type, ...row } of rows) {
      const data = this.#keys.open(
        ['write', threadId, ns, checkpoint_id, task_id, `${idx}`],
        row,
      );
      const ofCheckpoint = writes.get(checkpoint_id) ?? [];
      const value = await this.#serde.loadsTyped(type, data);
      ofCheckpoint.push([task_id, channel, value]);
      writes.set(checkpoint_id, ofCheckpoint);
    }
    return writes;
  }
}

function toTuple(
  row: CheckpointRow,
  values: Record<string, unknown>,
  pendingWrites: PendingWrite[] = [],
): CheckpointTuple {
  const configOf = (checkpointId: string) => ({
    configurable: {
      thread_id: row.thread_id,
      checkpoint_ns: row.checkpoint_ns,
      checkpoint_id: checkpointId,
    },
  });
  return {
    config: configOf(row.checkpoint_id),
    checkpoint: {
      ...row.checkpoint,
      channel_values: values,
      channel_versions: Object.fromEntries(
        Object.entries(row.channels).map(([name, { version }]) => [
          name,
          version,
        ]),
      ),
    },
    metadata: row.metadata,
    ...(row.parent_id ? { parentConfig: configOf(row.parent_id) } : {}),
    pendingWrites,
  };
}

function addPendingSends(checkpoint: Checkpoint, sends: PendingWrite[] = []) {
  const versions = Object.values(checkpoint.channel_versions).map(Number);
  checkpoint.channel_values[TASKS] = sends.map(([, , value]) => value);
  checkpoint.channel_versions[TASKS] = Math.max(1, ...versions);
}

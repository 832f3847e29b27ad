import { insertRows, isSqlite } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { randomInt } from 'node:crypto';
import type { NormalSpan } from '../normalise/normalise';
import { KEPT, kindNumber } from './database';
import { addToRollups, type RollupItem } from './Rollups';
import {
  type BegunTrace,
  begunTrace,
  type KnownTrace,
  placeOf,
  SAID_BY_AGENT,
} from './TraceAdmission';
import type { Dimension, TraceNames } from './TraceNames';

/** A span of which is settled whose it is and what it cost. */
export type SettledSpan = Omit<
  NormalSpan,
  'claimedAgentRef' | 'claimedUser' | 'modelNames'
> & {
  agentRef?: string;
  ownerRef?: string;
  userRef?: string;
  reckoned?: boolean;
};

/** Spans of one trace that one sender sent at once. */
export interface TraceWrite {
  traceId: string;
  sender: string;
  /** The agent whose token it was; absent for those who may send spans of all. */
  onlyAgentRef?: string;
  spans: SettledSpan[];
  details: Uint8Array;
  /** Words of what was said in them, where content is kept. */
  words?: string[];
}

/** Added to the time of a span that has a parent, when the one is sought that began a trace. */
export const NOT_ROOT = 2 ** 51;
/** Of those that came into a trace of somebody else; they never say what it is. */
const GUEST = Number.MAX_SAFE_INTEGER;
/** By which one trace is found. */
const MAX_WORDS_OF_TRACE = 5_000;

const SPAN_COLUMNS = {
  trace: 'bigint',
  span_id: 'bytea',
  parent_id: 'bytea',
  name: 'integer',
  kind: 'integer',
  failed: 'integer',
  error: 'integer',
  start_us: 'bigint',
  duration_us: 'bigint',
  agent: 'integer',
  model: 'integer',
  provider: 'integer',
  tool: 'integer',
  input_tokens: 'integer',
  output_tokens: 'integer',
  cache_read_tokens: 'integer',
  cost_nano_usd: 'bigint',
  reckoned: 'integer',
  block: 'bigint',
} as const;
const TRACE_COLUMNS = {
  trace_id: 'bytea',
  sender: 'text',
  root_key: 'bigint',
  root_name: 'integer',
  failed: 'integer',
  error: 'integer',
  title_key: 'bigint',
  title: 'text',
  agent_key: 'bigint',
  agent: 'integer',
  owner: 'integer',
  user_ref: 'text',
  session_id: 'text',
  run_id: 'text',
  started_us: 'bigint',
  ended_us: 'bigint',
  spans: 'integer',
  errors: 'integer',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cost_nano_usd: 'bigint',
  reckoned: 'integer',
  kept: 'integer',
} as const;

/** What each part of a trace that arrives adds; in whatever order parts arrive, the row is the same. */
const MERGE_TRACE = [
  ...['root_name', 'failed', 'error', 'root_key'].map(
    column =>
      `${column} = case when excluded.root_key < traces.root_key then excluded.${column} else traces.${column} end`,
  ),
  ...[
    ['agent', 'agent_key'],
    ['owner', 'agent_key'],
    ['agent_key', 'agent_key'],
    ['title', 'title_key'],
    ['title_key', 'title_key'],
  ].map(
    ([column, key]) =>
      `${column} = case when traces.${key} is null or excluded.${key} < traces.${key} then excluded.${column} else traces.${column} end`,
  ),
  'started_us = case when excluded.started_us < traces.started_us then excluded.started_us else traces.started_us end',
  'ended_us = case when excluded.ended_us > traces.ended_us then excluded.ended_us else traces.ended_us end',
  'reckoned = case when excluded.reckoned > traces.reckoned then excluded.reckoned else traces.reckoned end',
  `user_ref = case when traces.agent_key >= ${SAID_BY_AGENT} and excluded.agent_key < ${SAID_BY_AGENT} then excluded.user_ref else coalesce(traces.user_ref, excluded.user_ref) end`,
  ...['session_id', 'run_id'].map(
    column => `${column} = coalesce(traces.${column}, excluded.${column})`,
  ),
  ...[
    'spans',
    'errors',
    'input_tokens',
    'output_tokens',
    'cache_read_tokens',
    'cost_nano_usd',
  ].map(column => `${column} = traces.${column} + excluded.${column}`),
  'kept = excluded.kept',
].join(', ');

/**
 * Writes spans, what their traces sum up to, and the figures, together. Sent again they
 * change nothing, in whatever order and however often.
 */
export class TraceWriter {
  readonly #knex: Knex;
  readonly #names: TraceNames;
  readonly #maxSpans: number;

  constructor(options: {
    knex: Knex;
    names: TraceNames;
    /** Of one trace. */
    maxSpansOfTrace: number;
  }) {
    this.#knex = options.knex;
    this.#names = options.names;
    this.#maxSpans = options.maxSpansOfTrace;
  }

  /** @returns for each of them how many spans were refused, by reason */
  async write(writes: TraceWrite[]): Promise<Array<Record<string, number>>> {
    const ids = await this.#learn(writes);
    try {
      return await this.#knex.transaction(tx => this.#write(tx, writes, ids));
    } catch (error) {
      // Another process wrote the same new trace meanwhile; now it is there to be seen.
      if (!/unique|duplicate/i.test((error as Error).message)) {
        throw error;
      }
      return this.#knex.transaction(tx => this.#write(tx, writes, ids));
    }
  }

  async #write(
    tx: Knex.Transaction,
    writes: TraceWrite[],
    ids: NameIds,
  ): Promise<Array<Record<string, number>>> {
    const known = await this.#known(
      tx,
      writes.map(({ traceId }) => traceId),
    );
    const rejections: Array<Record<string, number>> = [];
    const accepted: AcceptedWrite[] = [];
    // What earlier parts of the same batch have made of traces.
    const begun = new Map<string, BegunTrace>();
    for (const write of writes) {
      const { traceId, spans } = write;
      const rejected: Record<string, number> = {};
      rejections.push(rejected);
      const trace =
        begun.get(traceId) ?? begunTrace(known.get(traceId), write, ids);
      const place = await placeOf(tx, trace, write, ids);
      if (place === 'stranger') {
        rejected['the trace was begun by somebody else'] = spans.length;
        continue;
      }
      begun.set(traceId, trace);
      if (place === 'caller') {
        await this.#handOver(tx, trace, accepted, write, ids);
      }
      const fresh = (
        trace.id === undefined ? spans : await withoutKnown(tx, trace.id, spans)
      ).filter(({ spanId }) => !trace.spanIds.has(spanId));
      const taken = fresh.slice(0, Math.max(0, this.#maxSpans - trace.spans));
      if (taken.length < fresh.length) {
        rejected[`more than ${this.#maxSpans} spans in one trace`] =
          fresh.length - taken.length;
      }
      trace.spans += taken.length;
      for (const { parentId, spanId } of taken) {
        trace.spanIds.add(spanId);
        if (parentId) {
          trace.parentIds.add(parentId);
        }
      }
      if (taken.length) {
        accepted.push({
          ...write,
          spans: taken,
          block: randomInt(2 ** 47),
          isGuest: place === 'guest',
        });
      }
    }
    if (accepted.length) {
      await this.#insert(tx, accepted, ids, known);
    }
    return rejections;
  }

  /** What was said of a trace until now counts no more: it is of who called those who said it. */
  async #handOver(
    tx: Knex.Transaction,
    trace: BegunTrace,
    accepted: AcceptedWrite[],
    { onlyAgentRef, traceId }: TraceWrite,
    ids: NameIds,
  ): Promise<void> {
    trace.agent = ids.of('agent', onlyAgentRef);
    for (const write of accepted) {
      write.isGuest ||= write.traceId === traceId;
    }
    if (trace.id !== undefined) {
      await tx('traces')
        .where('id', trace.id)
        .update({
          ...{ agent_key: null, agent: null, owner: null, user_ref: null },
          ...{ session_id: null, run_id: null, title_key: null, title: null },
        });
    }
  }

  /** Traces that there are, held until the transaction ends where others write as well. */
  async #known(
    tx: Knex.Transaction,
    traceIds: string[],
  ): Promise<Map<string, KnownTrace>> {
    const known = new Map<string, KnownTrace>();
    const wanted = [...new Set(traceIds)].sort();
    for (let at = 0; at < wanted.length; at += 500) {
      const select = tx<KnownTrace>('traces')
        .whereIn(
          'trace_id',
          wanted.slice(at, at + 500).map(id => Buffer.from(id, 'hex')),
        )
        .orderBy('trace_id')
        .select('id', 'trace_id', 'sender', 'agent', 'agent_key', 'spans');
      const rows = isSqlite(tx) ? await select : await select.forUpdate();
      for (const row of rows) {
        known.set(row.trace_id.toString('hex'), row);
      }
    }
    return known;
  }

  async #insert(
    tx: Knex.Transaction,
    accepted: AcceptedWrite[],
    ids: NameIds,
    known: Map<string, KnownTrace>,
  ): Promise<void> {
    const rows = accepted
      .map(write => traceRow(write, ids))
      .sort((a, b) => Buffer.compare(a.trace_id, b.trace_id));
    // Two parts of one trace would be one row twice, which PostgreSQL does not merge.
    for (const group of distinct(rows)) {
      await insertRows(
        tx,
        'traces',
        TRACE_COLUMNS,
        group,
        `on conflict (trace_id) do update set ${MERGE_TRACE}`,
      );
    }
    const fresh = accepted
      .map(({ traceId }) => traceId)
      .filter(traceId => !known.has(traceId));
    const added = fresh.length ? await this.#known(tx, fresh) : known;
    const numberOf = (traceId: string) =>
      Number((known.get(traceId) ?? added.get(traceId)!).id);

    await insertRows(
      tx,
      'spans',
      SPAN_COLUMNS,
      accepted.flatMap(({ traceId, spans, block }) =>
        spans.map(span => spanRow(span, numberOf(traceId), block, ids)),
      ),
    );
    await insertRows(
      tx,
      'span_blocks',
      { trace: 'bigint', block: 'bigint', details: 'bytea' },
      accepted.map(({ traceId, block, details }) => ({
        trace: numberOf(traceId),
        block,
        details: Buffer.from(details),
      })),
    );
    await insertRows(
      tx,
      'trace_uses',
      { name: 'integer', trace: 'bigint' },
      accepted.flatMap(({ traceId, spans }) => {
        const used = spans.flatMap(({ model, tool }) => [
          ids.of('model', model),
          ids.of('tool', tool),
        ]);
        return [...new Set(used)].flatMap(name =>
          name === null ? [] : [{ name, trace: numberOf(traceId) }],
        );
      }),
      'on conflict do nothing',
    );
    const said = Map.groupBy(
      accepted.filter(({ words }) => words?.length),
      ({ traceId }) => numberOf(traceId),
    );
    await addWords(
      tx,
      new Map(
        [...said].map(([trace, writes]) => [
          trace,
          new Set(writes.flatMap(({ words = [] }) => words)),
        ]),
      ),
    );
    const sessions = new Map(
      rows
        .filter(({ session_id }) => session_id !== null)
        .sort((a, b) => a.started_us - b.started_us)
        .map(row => [
          `${row.session_id}\n${row.agent}`,
          {
            session_id: row.session_id,
            agent: row.agent ?? 0,
            owner: row.owner,
            user_ref: row.user_ref,
            last_us: row.started_us,
          },
        ]),
    );
    await insertRows(
      tx,
      'trace_sessions',
      {
        session_id: 'text',
        agent: 'integer',
        owner: 'integer',
        user_ref: 'text',
        last_us: 'bigint',
      },
      [...sessions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
      `on conflict (session_id, agent) do update set
        user_ref = coalesce(trace_sessions.user_ref, excluded.user_ref),
        owner = coalesce(excluded.owner, trace_sessions.owner),
        last_us = case when excluded.last_us > trace_sessions.last_us then excluded.last_us else trace_sessions.last_us end`,
    );
    await addToRollups(
      tx,
      accepted.flatMap(({ spans }) =>
        spans.flatMap(span => rollupItems(span, ids)),
      ),
    );
  }

  async #learn(writes: TraceWrite[]): Promise<NameIds> {
    const learn = (
      dimension: Dimension,
      nameOf: (span: SettledSpan) => string | undefined,
    ) => {
      const names = new Map<string, string | undefined>();
      for (const { spans, onlyAgentRef } of writes) {
        for (const span of spans) {
          const name = nameOf(span);
          if (name !== undefined) {
            // Who may bring as many as they like, brought it.
            names.set(
              name,
              names.has(name) ? names.get(name) && onlyAgentRef : onlyAgentRef,
            );
          }
        }
      }
      return this.#names.idsOf(dimension, names);
    };
    const ids: NameIds['ids'] = {
      span: await learn('span', ({ name }) => name),
      agent: await learn('agent', ({ agentRef }) => agentRef),
      agentName: await learn('agentName', ({ agentName }) => agentName),
      owner: await learn('owner', ({ ownerRef }) => ownerRef),
      model: await learn('model', ({ model }) => model),
      tool: await learn('tool', ({ tool }) => tool),
      provider: await learn('provider', ({ provider }) => provider),
      error: await learn('error', ({ error }) => error),
    };
    return {
      ids,
      of: (dimension, name) =>
        name === undefined ? null : ids[dimension].get(name)!,
    };
  }
}

/** Numbers of the names in what is written. */
export interface NameIds {
  ids: Record<Dimension, Map<string, number>>;
  of(dimension: Dimension, name: string | undefined): number | null;
}

interface AcceptedWrite extends TraceWrite {
  block: number;
  /** It came into a trace of somebody else. */
  isGuest: boolean;
}

/** Up to a number of them for each trace, however many come. */
async function addWords(
  tx: Knex.Transaction,
  words: ReadonlyMap<number, ReadonlySet<string>>,
): Promise<void> {
  const counts = new Map<number, number>();
  const traces = [...words.keys()];
  for (let at = 0; at < traces.length; at += 500) {
    const rows: Array<{ trace: number | string; count: number | string }> =
      await tx('trace_words')
        .whereIn('trace', traces.slice(at, at + 500))
        .groupBy('trace')
        .select('trace', tx.raw('count(*) as count'));
    rows.forEach(({ count, trace }) =>
      counts.set(Number(trace), Number(count)),
    );
  }
  await insertRows(
    tx,
    'trace_words',
    { word: 'text', trace: 'bigint' },
    [...words].flatMap(([trace, of]) => {
      const room = MAX_WORDS_OF_TRACE - (counts.get(trace) ?? 0);
      return [...of].slice(0, Math.max(0, room)).map(word => ({ word, trace }));
    }),
    'on conflict do nothing',
  );
}

async function withoutKnown(
  tx: Knex.Transaction,
  trace: number | string,
  spans: SettledSpan[],
): Promise<SettledSpan[]> {
  const there = new Set<string>();
  for (let at = 0; at < spans.length; at += 500) {
    const rows: Array<{ span_id: Buffer }> = await tx('spans')
      .where({ trace })
      .whereIn(
        'span_id',
        spans
          .slice(at, at + 500)
          .map(({ spanId }) => Buffer.from(spanId, 'hex')),
      )
      .select('span_id');
    rows.forEach(({ span_id }) => there.add(span_id.toString('hex')));
  }
  return there.size ? spans.filter(({ spanId }) => !there.has(spanId)) : spans;
}

function rootKey(span: SettledSpan): number {
  return span.startUs + (span.parentId ? NOT_ROOT : 0);
}

/** Spans of models alone count tokens and money: others repeat the sums of theirs. */
function spendingOf(span: SettledSpan) {
  return span.kind === 'model' ? span : ({} as Partial<SettledSpan>);
}

function traceRow(
  { isGuest, traceId, sender, onlyAgentRef, spans }: AcceptedWrite,
  ids: NameIds,
) {
  let [root] = spans;
  let lead: SettledSpan | undefined;
  let asked: SettledSpan | undefined;
  const row = {
    ...{ started_us: root.startUs, ended_us: root.startUs, errors: 0 },
    ...{ input_tokens: 0, output_tokens: 0, cache_read_tokens: 0 },
    ...{ cost_nano_usd: 0, reckoned: 0 },
  };
  for (const span of spans) {
    const spent = spendingOf(span);
    if (rootKey(span) < rootKey(root)) {
      root = span;
    }
    if (span.agentRef && !(lead && rootKey(lead) <= rootKey(span))) {
      lead = span;
    }
    if (span.title && !(asked && rootKey(asked) <= rootKey(span))) {
      asked = span;
    }
    row.started_us = Math.min(row.started_us, span.startUs);
    row.ended_us = Math.max(row.ended_us, span.startUs + span.durationUs);
    row.errors += span.error ? 1 : 0;
    row.input_tokens += spent.inputTokens ?? 0;
    row.output_tokens += spent.outputTokens ?? 0;
    row.cache_read_tokens += spent.cacheReadTokens ?? 0;
    row.cost_nano_usd += spent.costNanoUsd ?? 0;
    row.reckoned = span.reckoned ? 1 : row.reckoned;
  }
  const first = (fact: 'userRef' | 'session' | 'runId') =>
    root[fact] ?? spans.find(span => span[fact])?.[fact] ?? null;
  return {
    trace_id: Buffer.from(traceId, 'hex'),
    sender: sender.slice(0, 255),
    root_key: rootKey(root),
    root_name: ids.of('span', root.name)!,
    failed: root.error ? 1 : 0,
    error: ids.of('error', root.error),
    title_key: asked ? rootKey(asked) : null,
    title: asked?.title ?? null,
    agent_key: lead
      ? rootKey(lead) + (onlyAgentRef === undefined ? 0 : SAID_BY_AGENT)
      : null,
    agent: ids.of('agent', lead?.agentRef),
    owner: ids.of('owner', lead?.ownerRef),
    user_ref: first('userRef'),
    session_id: first('session'),
    run_id: first('runId'),
    spans: spans.length,
    kept: KEPT.undecided,
    ...row,
    ...(isGuest && {
      ...{ root_key: GUEST, title_key: null, title: null },
      ...{ agent_key: null, agent: null, owner: null },
      ...{ user_ref: null, session_id: null, run_id: null },
    }),
  };
}

function spanRow(
  span: SettledSpan,
  trace: number,
  block: number,
  ids: NameIds,
) {
  return {
    trace,
    span_id: Buffer.from(span.spanId, 'hex'),
    parent_id: span.parentId ? Buffer.from(span.parentId, 'hex') : null,
    name: ids.of('span', span.name),
    kind: kindNumber(span.kind),
    failed: span.error ? 1 : 0,
    error: ids.of('error', span.error),
    start_us: span.startUs,
    duration_us: span.durationUs,
    agent:
      ids.of('agentName', span.agentName) ?? ids.of('agent', span.agentRef),
    model: ids.of('model', span.model),
    provider: ids.of('provider', span.provider),
    tool: ids.of('tool', span.tool),
    input_tokens: span.inputTokens ?? null,
    output_tokens: span.outputTokens ?? null,
    cache_read_tokens: span.cacheReadTokens ?? null,
    cost_nano_usd: span.costNanoUsd ?? null,
    reckoned: span.reckoned ? 1 : 0,
    block,
  };
}

/** A span counts for its kind; one that began its trace counts for the trace as well. */
function rollupItems(span: SettledSpan, ids: NameIds): RollupItem[] {
  const spent = spendingOf(span);
  const item: RollupItem = {
    kind: kindNumber(span.kind),
    startUs: span.startUs,
    durationUs: span.durationUs,
    failed: span.error !== undefined,
    agent: ids.of('agent', span.agentRef) ?? 0,
    owner: ids.of('owner', span.ownerRef) ?? 0,
    model: (span.kind === 'model' && ids.of('model', span.model)) || 0,
    tool: (span.kind === 'tool' && ids.of('tool', span.tool)) || 0,
    inputTokens: spent.inputTokens ?? 0,
    outputTokens: spent.outputTokens ?? 0,
    cacheReadTokens: spent.cacheReadTokens ?? 0,
    costNanoUsd: spent.costNanoUsd ?? 0,
  };
  return span.parentId
    ? [item]
    : [
        item,
        {
          ...item,
          ...{ kind: kindNumber('trace'), model: 0, tool: 0 },
          ...{ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
          costNanoUsd: 0,
        },
      ];
}

/** Rows in groups in which no trace stands twice. */
function distinct<Row extends { trace_id: Buffer }>(rows: Row[]): Row[][] {
  const groups: Row[][] = [];
  let last: Buffer | undefined;
  let turn = 0;
  for (const row of rows) {
    turn = last?.equals(row.trace_id) ? turn + 1 : 0;
    last = row.trace_id;
    (groups[turn] ??= []).push(row);
  }
  return groups;
}

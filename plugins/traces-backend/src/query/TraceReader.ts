import {
  decodeCursor,
  encodeCursor,
  type Within,
} from '@agentportal/plugin-agents-node';
import type { Trace, TraceList } from '@agentportal/plugin-traces-common';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { Readable } from '../permissions/TraceAccess';
import { KEPT } from '../store/database';
import { wordsAsked } from '../normalise/saidWords';
import { DIMENSIONS, type TraceNames } from '../store/TraceNames';
import { NOT_ROOT } from '../store/TraceWriter';
import { scopesOf, withinScope } from './scopes';

/** Of the traces of a page together; a list names a few tools of each. */
const MAX_USES = 2_000;
const MAX_USES_OF_TRACE = 5;

const cursorSchema = z.tuple([z.number().int(), z.number().int()]);

/** A period in microseconds UTC. */
export interface Period {
  fromUs: number;
  toUs: number;
}

/** Which traces; entity refs in full. */
export interface TraceFilter extends Period {
  agentRef?: string;
  ownerRef?: string;
  within?: Within;
  userRef?: string;
  sessionId?: string;
  runId?: string;
  status?: 'ok' | 'error';
  model?: string;
  tool?: string;
  q?: string;
  minDurationMs?: number;
  maxDurationMs?: number;
  minCostNanoUsd?: number;
  flagged?: boolean;
}

interface TraceRow {
  id: number | string;
  trace_id: Buffer;
  sender: string;
  root_key: number | string;
  root_name: number;
  failed: number;
  agent: number | null;
  owner: number | null;
  user_ref: string | null;
  session_id: string | null;
  run_id: string | null;
  started_us: number | string;
  ended_us: number | string;
  spans: number;
  errors: number;
  input_tokens: number | string;
  output_tokens: number | string;
  cache_read_tokens: number | string;
  cost_nano_usd: number | string;
  reckoned: number;
  kept: number;
  title: string | null;
  error: number | null;
  flagged_ms: number | string | null;
  flagged_by: string | null;
  flag_reason: string | null;
}

/** Reads traces. */
export class TraceReader {
  readonly #knex: Knex;
  readonly #names: TraceNames;

  constructor(options: { knex: Knex; names: TraceNames }) {
    this.#knex = options.knex;
    this.#names = options.names;
  }

  /** A page of traces, the newest first. */
  async list(
    filter: TraceFilter,
    page: { limit: number; cursor?: string },
    readable: Readable,
  ): Promise<TraceList> {
    const position = decodeCursor(page.cursor, cursorSchema);
    const narrow = await this.#filter(filter);
    if (!narrow) {
      return { items: [] };
    }
    const rows = new Map<string, TraceRow>();
    for (const scope of await scopesOf(readable, this.#names)) {
      const select = this.#knex<TraceRow>('traces')
        .whereBetween('started_us', [
          filter.fromUs,
          Math.min(filter.toUs, position?.[0] ?? Infinity),
        ])
        .orderBy([
          { column: 'started_us', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .limit(page.limit + 1);
      if (position) {
        select.andWhere(where =>
          where
            .where('started_us', '<', position[0])
            .orWhere('id', '<', position[1]),
        );
      }
      for (const row of await narrow(scope(select))) {
        rows.set(String(row.id), row);
      }
    }
    const sorted = [...rows.values()].sort(
      (a, b) =>
        Number(b.started_us) - Number(a.started_us) ||
        Number(b.id) - Number(a.id),
    );
    const items = sorted.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items: await this.#toTraces(items),
      ...(sorted.length > page.limit && {
        nextCursor: encodeCursor([Number(last!.started_us), Number(last!.id)]),
      }),
    };
  }

  /** Traces by their ids, in that order, and their numbers in the store. */
  async find(
    traceIds: string[],
  ): Promise<
    Array<{ trace: Trace; id: number; startedUs: number } | undefined>
  > {
    const rows = await this.#knex<TraceRow>('traces').whereIn(
      'trace_id',
      traceIds.map(id => Buffer.from(id, 'hex')),
    );
    const traces = await this.#toTraces(rows);
    return traceIds.map(id => {
      const at = traces.findIndex(({ traceId }) => traceId === id);
      return at < 0
        ? undefined
        : {
            trace: traces[at],
            id: Number(rows[at].id),
            startedUs: Number(rows[at].started_us),
          };
    });
  }

  /** Undefined when a name that is asked for was never heard of. */
  async #filter(filter: TraceFilter) {
    const wheres: Array<(select: Knex.QueryBuilder) => unknown> = [];
    for (const dimension of ['agent', 'owner'] as const) {
      const name = filter[`${dimension}Ref`];
      const id = name && (await this.#names.idOf(dimension, name));
      if (name && !id) {
        return undefined;
      }
      if (id) {
        wheres.push(select => select.andWhere(dimension, id));
      }
    }
    for (const dimension of ['model', 'tool'] as const) {
      const name = filter[dimension];
      const id = name && (await this.#names.idOf(dimension, name));
      if (name && !id) {
        return undefined;
      }
      if (id) {
        wheres.push(select => select.andWhere(of => uses(of, [id])));
      }
    }
    if (filter.q?.trim()) {
      const ids = await this.#names.findPart(filter.q.trim());
      const words = wordsAsked(filter.q);
      if (!ids.length && !words.length) {
        return undefined;
      }
      wheres.push(select =>
        select.andWhere(where => {
          where
            .whereIn('root_name', ids)
            .orWhereIn('agent', ids)
            .orWhere(of => uses(of, ids));
          if (words.length) {
            where.orWhere(of => words.forEach(word => says(of, word)));
          }
        }),
      );
    }
    wheres.push(await withinScope(filter.within, this.#names));
    const { status, userRef, sessionId, runId } = filter;
    const { minDurationMs, maxDurationMs, minCostNanoUsd } = filter;
    const equal = {
      ...(status && { failed: status === 'error' ? 1 : 0 }),
      ...(userRef && { user_ref: userRef }),
      ...(sessionId && { session_id: sessionId }),
      ...(runId && { run_id: runId }),
    };
    wheres.push(select => select.andWhere(equal));
    if (filter.flagged) {
      wheres.push(select => select.whereNotNull('flagged_ms'));
    }
    if (minDurationMs !== undefined) {
      wheres.push(select =>
        select.andWhereRaw('ended_us - started_us >= ?', minDurationMs * 1_000),
      );
    }
    if (maxDurationMs !== undefined) {
      wheres.push(select =>
        select.andWhereRaw('ended_us - started_us <= ?', maxDurationMs * 1_000),
      );
    }
    if (minCostNanoUsd !== undefined) {
      wheres.push(select =>
        select.andWhere('cost_nano_usd', '>=', minCostNanoUsd),
      );
    }
    return (select: Knex.QueryBuilder): Knex.QueryBuilder => {
      wheres.forEach(where => where(select));
      return select;
    };
  }

  async #toTraces(rows: TraceRow[]): Promise<Trace[]> {
    const names = await this.#names.namesOf(
      rows.flatMap(row => [row.root_name, row.agent, row.owner, row.error]),
    );
    const used = await this.#usesOf(rows);
    return rows.map(row => ({
      traceId: row.trace_id.toString('hex'),
      name: names.get(row.root_name) ?? '',
      rootReceived: Number(row.root_key) < NOT_ROOT,
      status: row.failed ? 'error' : 'ok',
      startedAt: isoOf(row.started_us),
      durationMs: (Number(row.ended_us) - Number(row.started_us)) / 1_000,
      ...(row.title !== null && { title: row.title }),
      ...(row.error !== null && { error: names.get(row.error) }),
      ...used.get(String(row.id)),
      ...(row.flagged_ms !== null && {
        flag: {
          reason: row.flag_reason ?? '',
          by: row.flagged_by ?? '',
          at: isoOf(Number(row.flagged_ms) * 1_000),
        },
      }),
      ...(row.agent !== null && { agentRef: names.get(row.agent) }),
      ...(row.owner !== null && { ownerRef: names.get(row.owner) }),
      ...(row.user_ref !== null && { userRef: row.user_ref }),
      ...(row.session_id !== null && { sessionId: row.session_id }),
      ...(row.run_id !== null && { runId: row.run_id }),
      spans: row.spans,
      errors: row.errors,
      tokens: tokensOf(row),
      costNanoUsd: Number(row.cost_nano_usd),
      ...(row.reckoned === 1 && { costReckoned: true }),
      keeps: row.kept === KEPT.summary ? 'summary' : 'everything',
      sentBy: row.sender,
    }));
  }

  /** Some of the models and tools of each trace, by its number. */
  async #usesOf(rows: TraceRow[]) {
    const found: Array<{
      trace: number | string;
      name: string;
      dimension: number;
    }> = rows.length
      ? await this.#knex('trace_uses')
          .join('trace_names', 'trace_names.id', 'trace_uses.name')
          .whereIn(
            'trace_uses.trace',
            rows.map(({ id }) => id),
          )
          .orderBy('trace_names.name')
          .limit(MAX_USES)
          .select('trace_uses.trace', 'trace_names.name', 'dimension')
      : [];
    const byTrace = new Map<string, { models: string[]; tools: string[] }>();
    for (const { dimension, name, trace } of found) {
      const of = byTrace.get(String(trace)) ?? { models: [], tools: [] };
      byTrace.set(String(trace), of);
      const list = dimension === DIMENSIONS.tool ? of.tools : of.models;
      if (list.length < MAX_USES_OF_TRACE) {
        list.push(name);
      }
    }
    return byTrace;
  }
}

function uses(where: Knex.QueryBuilder, names: number[]): void {
  void where.whereExists(of =>
    of
      .from('trace_uses')
      .whereRaw('trace_uses.trace = traces.id')
      .whereIn('trace_uses.name', names),
  );
}

function says(where: Knex.QueryBuilder, word: string): void {
  void where.whereIn('traces.id', of =>
    of.from('trace_words').where('word', word).select('trace'),
  );
}

/** Of microseconds UTC. */
export function isoOf(us: number | string): string {
  return new Date(Number(us) / 1_000).toISOString();
}

export function tokensOf(row: {
  input_tokens: number | string | null;
  output_tokens: number | string | null;
  cache_read_tokens: number | string | null;
}) {
  return {
    inputTokens: Number(row.input_tokens ?? 0),
    outputTokens: Number(row.output_tokens ?? 0),
    cacheReadTokens: Number(row.cache_read_tokens ?? 0),
  };
}

import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type {
  Span,
  SpanDetails as SpanDetailsBody,
  SpanList,
} from '@agentportal/plugin-traces-common';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { z } from 'zod/v4';
import type { SpanDetails } from '../decode/readExport';
import { KINDS } from '../store/database';
import type { TraceNames } from '../store/TraceNames';
import { type Placed, placeSpans, type TreeItem } from './spanTree';
import { isoOf, tokensOf } from './TraceReader';

const decompress = promisify(zstdDecompress);
const cursorSchema = z.tuple([z.number().int().min(0)]);

/** What a tree is made of. */
interface SkeletonRow {
  span_id: Buffer;
  parent_id: Buffer | null;
  start_us: number | string;
}

interface SpanRow extends SkeletonRow {
  name: number;
  kind: number;
  failed: number;
  error: number | null;
  duration_us: number | string;
  agent: number | null;
  model: number | null;
  provider: number | null;
  tool: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cache_read_tokens: number | null;
  cost_nano_usd: number | string | null;
  reckoned: number;
}

/** Reads the spans of one trace. */
export class SpanReader {
  readonly #knex: Knex;
  readonly #names: TraceNames;

  constructor(options: { knex: Knex; names: TraceNames }) {
    this.#knex = options.knex;
    this.#names = options.names;
  }

  /** A page of the tree. All of it is placed, and what is told of spans is read of the page alone. */
  async list(
    trace: { id: number; startedUs: number },
    query: {
      parentId?: string;
      depth?: number;
      limit: number;
      cursor?: string;
    },
  ): Promise<SpanList> {
    const [start] = decodeCursor(query.cursor, cursorSchema) ?? [0];
    const skeleton: SkeletonRow[] = await this.#knex('spans')
      .where('trace', trace.id)
      .select('span_id', 'parent_id', 'start_us');
    const items = skeleton.map((row): TreeItem & { key: Buffer } => ({
      key: row.span_id,
      spanId: row.span_id.toString('hex'),
      ...(row.parent_id && { parentId: row.parent_id.toString('hex') }),
      startUs: Number(row.start_us),
    }));
    const { parentId } = query;
    if (parentId && !items.some(({ spanId }) => spanId === parentId)) {
      throw new InputError(`The trace has no span ${parentId}.`);
    }
    const placed = placeSpans(items, { below: parentId, levels: query.depth });
    const page = placed.slice(start, start + query.limit);
    return {
      totalItems: placed.length,
      items: await this.#toSpans(trace, page),
      ...(start + page.length < placed.length && {
        nextCursor: encodeCursor([start + page.length]),
      }),
    };
  }

  /** Undefined when the trace has no such span. */
  async get(
    trace: { id: number },
    spanId: string,
  ): Promise<SpanDetailsBody | undefined> {
    const row = await this.#knex('spans')
      .join('span_blocks', join =>
        join
          .on('span_blocks.trace', 'spans.trace')
          .andOn('span_blocks.block', 'spans.block'),
      )
      .where({
        'spans.trace': trace.id,
        'spans.span_id': Buffer.from(spanId, 'hex'),
      })
      .first('details');
    if (!row) {
      return undefined;
    }
    const block = JSON.parse(
      (await decompress(row.details)).toString('utf8'),
    ) as Record<string, SpanDetails>;
    const { events, leftOut, ...details } = block[spanId];
    return {
      spanId,
      ...details,
      events: events.map(({ atUs, ...event }) => ({
        ...event,
        at: isoOf(atUs),
      })),
      leftOutCharacters: leftOut,
    };
  }

  async #toSpans(
    trace: { id: number; startedUs: number },
    page: Array<Placed<TreeItem & { key: Buffer }>>,
  ): Promise<Span[]> {
    const rows = new Map<string, SpanRow>();
    for (let at = 0; at < page.length; at += 500) {
      const some: SpanRow[] = await this.#knex('spans')
        .where('trace', trace.id)
        .whereIn(
          'span_id',
          page.slice(at, at + 500).map(({ item }) => item.key),
        );
      some.forEach(row => rows.set(row.span_id.toString('hex'), row));
    }
    const names = await this.#names.namesOf(
      [...rows.values()].flatMap(row => [
        ...[row.name, row.error, row.agent],
        ...[row.model, row.provider, row.tool],
      ]),
    );
    const nameOf = (id: number | null) => (id ? names.get(id) : undefined);
    // A trace may be deleted while it is read.
    return page
      .filter(({ item }) => rows.has(item.spanId))
      .map(({ item, depth, childCount, parentMissing }) => {
        const row = rows.get(item.spanId)!;
        const facts = {
          error: nameOf(row.error),
          agent: nameOf(row.agent),
          model: nameOf(row.model),
          provider: nameOf(row.provider),
          tool: nameOf(row.tool),
        };
        return {
          spanId: item.spanId,
          // Of one that did not arrive the number shows who called, and is nobody's to read.
          ...(item.parentId && !parentMissing && { parentId: item.parentId }),
          ...(parentMissing && { parentMissing }),
          name: nameOf(row.name) ?? '',
          kind: KINDS[row.kind] as Span['kind'],
          status: row.failed ? 'error' : 'ok',
          startedAt: isoOf(item.startUs),
          offsetMs: (item.startUs - trace.startedUs) / 1_000,
          durationMs: Number(row.duration_us) / 1_000,
          depth,
          childCount,
          ...(Object.fromEntries(
            Object.entries(facts).filter(([, fact]) => fact),
          ) as Partial<Span>),
          ...((row.input_tokens !== null || row.output_tokens !== null) && {
            tokens: tokensOf(row),
          }),
          ...(row.cost_nano_usd !== null && {
            costNanoUsd: Number(row.cost_nano_usd),
          }),
          ...(row.reckoned === 1 && { costReckoned: true }),
        };
      });
  }
}

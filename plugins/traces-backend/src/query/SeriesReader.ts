import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { Figures, SeriesList } from '@agentportal/plugin-traces-common';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod/v4';
import type { Readable } from '../permissions/TraceAccess';
import { KINDS, kindNumber } from '../store/database';
import { DurationSketch } from '../store/DurationSketch';
import { RESOLUTIONS } from '../store/Rollups';
import type { TraceNames } from '../store/TraceNames';
import { figureScope } from './scopes';
import { type Period, tokensOf } from './TraceReader';

const MAX_POINTS = 500;
/** Rows of roll-ups that are read for one question. */
const MAX_ROWS = 200_000;
/** Others have their turn after so many of them. */
const MERGED_AT_ONCE = 5_000;
const cursorSchema = z.tuple([z.number().int().min(0)]);

/** Which figures. */
export interface SeriesFilter extends Period {
  kind: (typeof KINDS)[number];
  groupBy?: 'agent' | 'owner' | 'model' | 'tool';
  agent?: string;
  owner?: string;
  model?: string;
  tool?: string;
}

type Sums = Record<
  | 'spans'
  | 'errors'
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_read_tokens'
  | 'cost_nano_usd'
  | 'max_us',
  number
> & { sketch: DurationSketch };

const SUMS = [
  'spans',
  'errors',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cost_nano_usd',
] as const;

/** Reads figures out of roll-ups; no span is looked at. */
export class SeriesReader {
  readonly #knex: Knex;
  readonly #names: TraceNames;

  constructor(options: { knex: Knex; names: TraceNames }) {
    this.#knex = options.knex;
    this.#names = options.names;
  }

  async read(
    filter: SeriesFilter,
    page: { limit: number; cursor?: string },
    readable: Readable,
    now = Date.now(),
  ): Promise<SeriesList> {
    const [start] = decodeCursor(page.cursor, cursorSchema) ?? [0];
    const from = Math.floor(filter.fromUs / 1e6);
    const to = Math.floor(filter.toUs / 1e6);
    const seconds = resolutionOf(from, to, now / 1_000);
    const answer: SeriesList = {
      from: new Date(from * 1_000).toISOString(),
      to: new Date(to * 1_000).toISOString(),
      intervalSeconds: seconds,
      items: [],
    };
    const { groupBy } = filter;
    const select = this.#knex('trace_rollups')
      .where({ seconds, kind: kindNumber(filter.kind) })
      .andWhere('bucket', '>=', Math.floor(from / seconds) * seconds)
      .andWhere('bucket', '<=', to)
      .limit(MAX_ROWS + 1)
      .select('bucket', 'max_us', 'sketch', ...SUMS);
    if (groupBy) {
      select.select(groupBy);
    }
    for (const dimension of ['agent', 'owner', 'model', 'tool'] as const) {
      const name = filter[dimension];
      if (name !== undefined) {
        const id = (await this.#names.find(dimension, [name])).get(name);
        if (id === undefined) {
          return answer;
        }
        select.andWhere(dimension, id);
      }
    }
    const scope = await figureScope(readable, this.#names);
    const rows: any[] = await scope(select);
    if (rows.length > MAX_ROWS) {
      throw new InputError(
        'That are too many figures for one question. Ask for a shorter time, or for one agent or owner.',
      );
    }
    const groups = [
      ...Map.groupBy(rows, row => (groupBy ? row[groupBy] : 0)),
    ].map(([id, of]) => ({
      id: Number(id),
      rows: of,
      spans: of.reduce((sum, { spans }) => sum + Number(spans), 0),
    }));
    groups.sort((a, b) => b.spans - a.spans || a.id - b.id);
    const shown = groups.slice(start, start + page.limit);
    const names = await this.#names.namesOf(shown.map(({ id }) => id));
    let merged = 0;
    for (const group of shown) {
      const buckets = Map.groupBy(group.rows, row => Number(row.bucket));
      const points = [];
      for (const [bucket, of] of [...buckets].sort(([a], [b]) => a - b)) {
        merged += of.length;
        if (merged >= MERGED_AT_ONCE) {
          merged = 0;
          await setImmediate();
        }
        points.push({
          at: new Date(bucket * 1_000).toISOString(),
          sums: sumOf(
            of.map(row => ({
              ...row,
              sketch: DurationSketch.decode(row.sketch),
            })),
          ),
        });
      }
      answer.items.push({
        ...(names.has(group.id) && { key: names.get(group.id) }),
        total: toFigures(sumOf(points.map(({ sums }) => sums))),
        points: points.map(({ at, sums }) => ({ at, ...toFigures(sums) })),
      });
    }
    if (start + shown.length < groups.length) {
      answer.nextCursor = encodeCursor([start + shown.length]);
    }
    return answer;
  }
}

/** The finest that gives few enough points and is still kept. */
function resolutionOf(from: number, to: number, now: number): number {
  const fit = RESOLUTIONS.find(
    ({ seconds, kept }) =>
      (to - from) / seconds <= MAX_POINTS && from >= now - seconds * kept,
  );
  return (fit ?? RESOLUTIONS[RESOLUTIONS.length - 1]).seconds;
}

function sumOf(
  rows: Array<
    Record<(typeof SUMS)[number] | 'max_us', number | string> &
      Pick<Sums, 'sketch'>
  >,
): Sums {
  const total: Sums = {
    ...{ spans: 0, errors: 0, input_tokens: 0, output_tokens: 0 },
    ...{ cache_read_tokens: 0, cost_nano_usd: 0, max_us: 0 },
    sketch: new DurationSketch(),
  };
  for (const row of rows) {
    for (const column of SUMS) {
      total[column] += Number(row[column]);
    }
    total.max_us = Math.max(total.max_us, Number(row.max_us));
    total.sketch.merge(row.sketch);
  }
  return total;
}

function toFigures(sums: Sums): Figures {
  const { sketch } = sums;
  const at = (q: number) => Math.round(sketch.quantile(q)! / 10) / 100;
  return {
    count: sums.spans,
    errors: sums.errors,
    tokens: tokensOf(sums),
    costNanoUsd: sums.cost_nano_usd,
    ...(sketch.count > 0 && {
      ...{ p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) },
      maxMs: sums.max_us / 1_000,
    }),
  };
}

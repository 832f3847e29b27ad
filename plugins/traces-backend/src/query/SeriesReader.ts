import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { SeriesList } from '@agentportal/plugin-traces-common';
import { z } from 'zod/v4';
import type { Readable } from '../permissions/TraceAccess';
import type { TraceNames } from '../store/TraceNames';
import {
  addTo,
  emptySums,
  FIGURE_COLUMNS,
  type Sums,
  toFigures,
} from './figures';
import type { FigureFilter, FigureKind, RollupReader } from './RollupReader';

const cursorSchema = z.tuple([z.number().int().min(0)]);

/** Which figures, in which groups. */
export interface SeriesFilter extends FigureFilter {
  kind: FigureKind;
  groupBy?: 'agent' | 'owner' | 'model' | 'tool';
  /** Of each series, at most. */
  points: number;
}

/** Reads figures over time out of roll-ups; no span is looked at. */
export class SeriesReader {
  readonly #rollups: RollupReader;
  readonly #names: TraceNames;

  constructor(options: { rollups: RollupReader; names: TraceNames }) {
    this.#rollups = options.rollups;
    this.#names = options.names;
  }

  async read(
    filter: SeriesFilter,
    page: { limit: number; cursor?: string },
    readable: Readable,
    now = Date.now(),
  ): Promise<SeriesList> {
    const [start] = decodeCursor(page.cursor, cursorSchema) ?? [0];
    const { groupBy, kind } = filter;
    const { step, rows } = await this.#rollups.select(
      filter,
      filter.points,
      readable,
      now,
    );
    const answer: SeriesList = {
      from: isoOfSeconds(filter.fromUs / 1e6),
      to: isoOfSeconds(filter.toUs / 1e6),
      intervalSeconds: step,
      items: [],
    };
    if (!rows) {
      return answer;
    }
    const select = rows(kind);
    // Of the many groups that there may be, the sketches of those of the page alone are read.
    const counts = new Map<number, number>();
    if (groupBy) {
      await this.#rollups.each(select, [groupBy, 'spans'], row =>
        counts.set(
          row[groupBy],
          (counts.get(row[groupBy]) ?? 0) + Number(row.spans),
        ),
      );
    } else {
      counts.set(0, 0);
    }
    const sorted = [...counts]
      .sort(([a, of], [b, than]) => than - of || a - b)
      .map(([id]) => id);
    const shown = sorted.slice(start, start + page.limit);
    if (groupBy) {
      select.whereIn(groupBy, shown);
    }
    const groups = new Map(shown.map(id => [id, new Map<number, Sums>()]));
    await this.#rollups.each(
      select,
      [...FIGURE_COLUMNS, ...(groupBy ? [groupBy] : [])],
      row => {
        // Something of another group may have been written meanwhile.
        const points = groups.get(groupBy ? row[groupBy] : 0);
        const at = Math.floor(Number(row.bucket) / step) * step;
        if (points) {
          const sums = points.get(at) ?? emptySums();
          points.set(at, sums);
          addTo(sums, row);
        }
      },
    );
    const names = await this.#names.namesOf(shown);
    for (const [id, points] of groups) {
      const total = emptySums();
      points.forEach(sums => addTo(total, sums));
      if (total.spans) {
        answer.items.push({
          ...(names.has(id) && { key: names.get(id) }),
          total: toFigures(total),
          points: [...points].map(([at, sums]) => ({
            at: isoOfSeconds(at),
            ...toFigures(sums),
          })),
        });
      }
    }
    if (start + shown.length < sorted.length) {
      answer.nextCursor = encodeCursor([start + shown.length]);
    }
    return answer;
  }
}

function isoOfSeconds(seconds: number): string {
  return new Date(Math.floor(seconds) * 1_000).toISOString();
}

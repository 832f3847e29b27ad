import type { Within } from '@agentportal/plugin-agents-node';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { setImmediate } from 'node:timers/promises';
import type { Readable } from '../permissions/TraceAccess';
import { KINDS, kindNumber } from '../store/database';
import { RESOLUTIONS } from '../store/Rollups';
import type { TraceNames } from '../store/TraceNames';
import { figureScope, withinScope } from './scopes';
import type { Period } from './TraceReader';

/** Rows of roll-ups that are read for one question. */
const MAX_ROWS = 200_000;
/** Others have their turn after so many of them: SQLite answers on the thread of everybody. */
const READ_AT_ONCE = 1_000;
/** Lengths of intervals in seconds that people can read. */
const STEPS = [
  ...[60, 120, 300, 600, 1_800],
  ...[3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600],
  ...[86_400, 7 * 86_400],
];

/** Which figures. */
export interface FigureFilter extends Period {
  agent?: string;
  owner?: string;
  model?: string;
  tool?: string;
  within?: Within;
}

/** What is asked for, in the numbers of the store. */
export interface FigureSelection {
  /** Length of the intervals that are shown, in seconds; a multiple of that of the rows. */
  step: number;
  /** Absent when a name was never heard of. */
  rows?(kind: FigureKind): Knex.QueryBuilder;
}

export type FigureKind = (typeof KINDS)[number];

/** Reads rows of roll-ups, a few at a time and not without end. */
export class RollupReader {
  readonly #knex: Knex;
  readonly #names: TraceNames;

  constructor(options: { knex: Knex; names: TraceNames }) {
    this.#knex = options.knex;
    this.#names = options.names;
  }

  async select(
    filter: FigureFilter,
    maxPoints: number,
    readable: Readable,
    now: number,
  ): Promise<FigureSelection> {
    const from = Math.floor(filter.fromUs / 1e6);
    const to = Math.floor(filter.toUs / 1e6);
    const { seconds, step } = intervalOf(from, to, maxPoints, now / 1_000);
    const ids: Record<string, number> = {};
    for (const dimension of ['agent', 'owner', 'model', 'tool'] as const) {
      const name = filter[dimension];
      if (name !== undefined) {
        const id = await this.#names.idOf(dimension, name);
        if (id === undefined) {
          return { step };
        }
        ids[dimension] = id;
      }
    }
    const within = await withinScope(filter.within, this.#names);
    const scope = await figureScope(readable, this.#names);
    return {
      step,
      rows: kind =>
        within(
          scope(
            this.#knex('trace_rollups')
              .where({ ...ids, seconds, kind: kindNumber(kind) })
              .andWhere('bucket', '>=', Math.floor(from / seconds) * seconds)
              .andWhere('bucket', '<', Math.max(to, from + 1)),
          ),
        ),
    };
  }

  /**
   * Gives rows in the order of time.
   *
   * @throws InputError when there are too many for one question
   */
  async each(
    select: Knex.QueryBuilder,
    columns: readonly string[],
    take: (row: any) => void,
  ): Promise<void> {
    let last: { bucket: number | string; id: string } | undefined;
    let read = 0;
    for (;;) {
      const page = select
        .clone()
        .orderBy(['bucket', 'id'])
        .limit(READ_AT_ONCE)
        .select('bucket', 'id', ...columns);
      if (last) {
        const { bucket, id } = last;
        page
          .andWhere('bucket', '>=', bucket)
          .andWhere(of =>
            of.where('bucket', '>', bucket).orWhere('id', '>', id),
          );
      }
      const rows: any[] = await page;
      rows.forEach(take);
      read += rows.length;
      if (rows.length < READ_AT_ONCE) {
        return;
      }
      if (read >= MAX_ROWS) {
        throw new InputError(
          'That are too many figures for one question. Ask for a shorter time, or for one agent or owner.',
        );
      }
      last = rows[rows.length - 1];
      await setImmediate();
    }
  }
}

/** The finest interval that gives few enough points, out of the longest rows that make it up and are still kept. */
function intervalOf(
  from: number,
  to: number,
  maxPoints: number,
  now: number,
): { seconds: number; step: number } {
  for (const step of STEPS) {
    const rows = RESOLUTIONS.findLast(
      ({ seconds, kept }) =>
        step % seconds === 0 && from >= now - seconds * kept,
    );
    if (rows && (to - from) / step <= maxPoints) {
      return { seconds: rows.seconds, step };
    }
  }
  const { seconds } = RESOLUTIONS[RESOLUTIONS.length - 1];
  const least = Math.ceil((to - from) / maxPoints / seconds);
  return { seconds, step: seconds * Math.max(1, least) };
}

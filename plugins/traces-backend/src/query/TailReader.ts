import type { Tail, TailBy } from '@agentportal/plugin-traces-common';
import type { Readable } from '../permissions/TraceAccess';
import { DurationSketch } from '../store/DurationSketch';
import type { TraceNames } from '../store/TraceNames';
import {
  addTo,
  emptySums,
  FIGURE_COLUMNS,
  quantileMs,
  type Sums,
} from './figures';
import type { FigureFilter, FigureKind, RollupReader } from './RollupReader';

/** Slow is what takes longer than 19 in 20. */
const SLOW = 0.95;
/** Few points, and so the longest rows there are: the tail has no course. */
const POINTS = 31;

/** What is compared: work that is done in one place, so that nobody counts what they waited for. */
const OPERATIONS: readonly FigureKind[] = [
  'model',
  'tool',
  'retrieval',
  'guard',
];

/** Tells which agents or operations most of the slow calls are of, out of sketches of durations. */
export class TailReader {
  readonly #rollups: RollupReader;
  readonly #names: TraceNames;

  constructor(options: { rollups: RollupReader; names: TraceNames }) {
    this.#rollups = options.rollups;
    this.#names = options.names;
  }

  async read(
    filter: FigureFilter,
    options: { by: TailBy; limit: number },
    readable: Readable,
    now = Date.now(),
  ): Promise<Tail> {
    const { by, limit } = options;
    const { rows } = await this.#rollups.select(filter, POINTS, readable, now);
    const groups = new Map<
      string,
      { kind: FigureKind; id: number; sums: Sums }
    >();
    for (const kind of rows ? kindsOf(by) : []) {
      const column = columnOf(by, kind);
      await this.#rollups.each(
        rows!(kind),
        [...FIGURE_COLUMNS, ...(column ? [column] : [])],
        row => {
          const id = column ? row[column] : 0;
          const key = `${kind} ${id}`;
          const group = groups.get(key) ?? { kind, id, sums: emptySums() };
          groups.set(key, group);
          addTo(group.sums, row);
        },
      );
    }
    const all = new DurationSketch();
    groups.forEach(({ sums }) => all.merge(sums.sketch));
    const thresholdUs = all.quantile(SLOW);
    if (thresholdUs === undefined) {
      return { count: 0, slow: 0, items: [] };
    }
    const slow = all.countAbove(thresholdUs);
    const found = [...groups.values()]
      .map(group => ({
        ...group,
        slow: group.sums.sketch.countAbove(thresholdUs),
      }))
      .filter(group => group.slow > 0)
      .sort((a, b) => b.slow - a.slow || b.sums.max_us - a.sums.max_us)
      .slice(0, limit);
    const names = await this.#names.namesOf(found.map(({ id }) => id));
    return {
      count: all.count,
      slow,
      thresholdMs: quantileMs(all, SLOW),
      items: found.map(({ id, kind, slow: ofGroup, sums }) => ({
        kind,
        ...(names.has(id) && { key: names.get(id) }),
        count: sums.spans,
        errors: sums.errors,
        slow: ofGroup,
        share: ofGroup / slow,
        p50Ms: quantileMs(sums.sketch, 0.5),
        p95Ms: quantileMs(sums.sketch, 0.95),
        maxMs: sums.max_us / 1_000,
      })),
    };
  }
}

function kindsOf(by: TailBy): readonly FigureKind[] {
  switch (by) {
    case 'operation':
      return OPERATIONS;
    case 'model':
    case 'tool':
      return [by];
    default:
      return ['trace'];
  }
}

function columnOf(by: TailBy, kind: FigureKind): string | undefined {
  if (by !== 'operation') {
    return by;
  }
  return kind === 'model' || kind === 'tool' ? kind : undefined;
}

import type { Figures } from '@agentportal/plugin-traces-common';
import { DurationSketch } from '../store/DurationSketch';
import { tokensOf } from './TraceReader';

const SUMS = [
  'spans',
  'errors',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cost_nano_usd',
] as const;

/** Columns of roll-ups that add up. */
export const FIGURE_COLUMNS = [...SUMS, 'max_us', 'sketch'] as const;

/** What rows of roll-ups add up to. */
export type Sums = Record<(typeof SUMS)[number] | 'max_us', number> & {
  sketch: DurationSketch;
};

export function emptySums(): Sums {
  return {
    ...{ spans: 0, errors: 0, input_tokens: 0, output_tokens: 0 },
    ...{ cache_read_tokens: 0, cost_nano_usd: 0, max_us: 0 },
    sketch: new DurationSketch(),
  };
}

/** @param row - of the database, or sums of others */
export function addTo(
  sums: Sums,
  row: Record<Exclude<keyof Sums, 'sketch'>, number | string> & {
    sketch: DurationSketch | Uint8Array;
  },
): void {
  for (const column of SUMS) {
    sums[column] += Number(row[column]);
  }
  sums.max_us = Math.max(sums.max_us, Number(row.max_us));
  sums.sketch.merge(
    row.sketch instanceof DurationSketch
      ? row.sketch
      : DurationSketch.decode(row.sketch),
  );
}

/** Milliseconds, of a quantile in microseconds. */
export function quantileMs(sketch: DurationSketch, q: number): number {
  return Math.round(sketch.quantile(q)! / 10) / 100;
}

export function toFigures(sums: Sums): Figures {
  const { sketch } = sums;
  return {
    count: sums.spans,
    errors: sums.errors,
    tokens: tokensOf(sums),
    costNanoUsd: sums.cost_nano_usd,
    ...(sketch.count > 0 && {
      p50Ms: quantileMs(sketch, 0.5),
      p95Ms: quantileMs(sketch, 0.95),
      p99Ms: quantileMs(sketch, 0.99),
      maxMs: sums.max_us / 1_000,
    }),
  };
}

import type { LoadResult } from './load';

/** What one round of load came to; times in milliseconds. */
export interface Figures {
  callsPerSecond: number;
  p50: number;
  p95: number;
  p99: number;
  firstByteP50: number;
  /** CPU time of the gateway for a call, in microseconds. */
  cpuMicros?: number;
}

export function toFigures(result: LoadResult, cpuSeconds?: number): Figures {
  const durations = result.durations.sort((a, b) => a - b);
  const firstBytes = result.firstBytes.sort((a, b) => a - b);
  return {
    callsPerSecond: result.calls / result.seconds,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    p99: quantile(durations, 0.99),
    firstByteP50: quantile(firstBytes, 0.5),
    cpuMicros:
      cpuSeconds === undefined
        ? undefined
        : (cpuSeconds / result.calls) * 1_000_000,
  };
}

/** The median of each figure over the rounds. */
export function medianFigures(rounds: Figures[]): Figures {
  const of = (pick: (figures: Figures) => number) => median(rounds.map(pick));
  return {
    callsPerSecond: of(f => f.callsPerSecond),
    p50: of(f => f.p50),
    p95: of(f => f.p95),
    p99: of(f => f.p99),
    firstByteP50: of(f => f.firstByteP50),
    cpuMicros: rounds.every(f => f.cpuMicros !== undefined)
      ? of(f => f.cpuMicros!)
      : undefined,
  };
}

export function median(values: number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

import type { AgentStats } from '@agentportal/plugin-orchestration-common';

/** The last days of an agent against as many days before. */
export interface Trend {
  runs: number[];
  failed: number[];
  totalRuns: number;
  /** 0 to 1; undefined while nothing has run. */
  successRate?: number;
  /** Change of the success rate against the period before: 0.1 is a tenth better. */
  successChange?: number;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rate(runs: number, failed: number): number | undefined {
  return runs === 0 ? undefined : (runs - failed) / runs;
}

/**
 * Splits daily numbers into this period and the one before.
 *
 * @param stats - numbers of at least `2 * days` days, the oldest first
 */
export function trendOf(stats: AgentStats, days: number): Trend {
  const now = stats.daily.slice(-days);
  const before = stats.daily.slice(-2 * days, -days);
  const runs = now.map(day => day.runs);
  const failed = now.map(day => day.failed);
  const successRate = rate(sum(runs), sum(failed));
  const rateBefore = rate(
    sum(before.map(day => day.runs)),
    sum(before.map(day => day.failed)),
  );
  return {
    runs,
    failed,
    totalRuns: sum(runs),
    successRate,
    successChange:
      successRate === undefined || !rateBefore
        ? undefined
        : successRate / rateBefore - 1,
  };
}

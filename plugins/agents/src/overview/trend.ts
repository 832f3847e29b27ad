import type { AgentStats } from '@agentportal/plugin-orchestration-common';

/** The last days of an agent against as many days before. */
export interface Trend {
  runs: number[];
  failed: number[];
  totalRuns: number;
  /** 0 to 1; undefined while nothing has come to an end. */
  successRate?: number;
  /** Change of the success rate against the period before: 0.1 is a tenth better. */
  successChange?: number;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of the runs that came to an end by themselves; those that were stopped say nothing. */
function rate(days: AgentStats['daily']): number | undefined {
  const succeeded = sum(days.map(day => day.succeeded));
  const ended = succeeded + sum(days.map(day => day.failed));
  return ended === 0 ? undefined : succeeded / ended;
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
  const successRate = rate(now);
  const rateBefore = rate(before);
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

import { trendOf } from './trend';

function stats(days: Array<[runs: number, failed: number, stopped?: number]>) {
  return {
    agentRef: 'agent:default/x',
    runs: 0,
    succeeded: 0,
    failed: 0,
    costNanoUsd: 0,
    timed: 0,
    daily: days.map(([runs, failed, stopped = 0], index) => ({
      day: `2026-11-${String(index + 1).padStart(2, '0')}`,
      runs,
      succeeded: runs - failed - stopped,
      failed,
      costNanoUsd: 0,
    })),
  };
}

describe('trendOf', () => {
  it('compares a period with the one before', () => {
    const trend = trendOf(
      stats([
        [2, 1],
        [2, 1],
        [4, 0],
        [6, 1],
      ]),
      2,
    );
    expect(trend.totalRuns).toBe(10);
    expect(trend.runs).toEqual([4, 6]);
    expect(trend.successRate).toBeCloseTo(0.9);
    expect(trend.successChange).toBeCloseTo(0.8);
  });

  it('counts a run that was stopped neither as a success nor as a failure', () => {
    expect(trendOf(stats([[5, 1, 3]]), 1).successRate).toBe(0.5);
    expect(trendOf(stats([[2, 0, 2]]), 1).successRate).toBeUndefined();
  });

  it('claims nothing where nothing ran', () => {
    const trend = trendOf(
      stats([
        [0, 0],
        [3, 0],
      ]),
      1,
    );
    expect(trend.successRate).toBe(1);
    expect(trend.successChange).toBeUndefined();
    expect(trendOf(stats([[0, 0]]), 1).successRate).toBeUndefined();
  });
});

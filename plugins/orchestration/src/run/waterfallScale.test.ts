import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { barOf, spanOf } from './waterfallScale';

const T0 = Date.parse('2026-11-22T10:00:00Z');

function at(ms: number): string {
  return new Date(T0 + ms).toISOString();
}

function step(from: number, to?: number): RunStep {
  return {
    id: `${from}`,
    index: 0,
    kind: 'tool',
    name: 'x',
    status: to === undefined ? 'running' : 'succeeded',
    startedAt: at(from),
    finishedAt: to === undefined ? undefined : at(to),
    input: {},
  };
}

function run(steps: RunStep[], finished?: number): Run {
  return {
    createdAt: at(-500),
    startedAt: at(0),
    finishedAt: finished === undefined ? undefined : at(finished),
    steps,
  } as Run;
}

describe('the scale of a waterfall', () => {
  it('places steps by time, from the start of the work', () => {
    const span = spanOf(run([step(0, 250), step(250, 1000)], 1000), T0 + 9999);
    expect(barOf(step(0, 250), span)).toEqual({ left: 0, width: 25 });
    expect(barOf(step(250, 1000), span)).toEqual({ left: 25, width: 75 });
  });

  it('grows with the clock while a step runs', () => {
    const running = run([step(0, 500), step(500)]);
    expect(spanOf(running, T0 + 2000).end).toBe(T0 + 2000);
    expect(barOf(step(500), spanOf(running, T0 + 2000)).width).toBe(75);
  });

  it('keeps every bar visible and inside', () => {
    const span = spanOf(run([step(0, 0), step(1000, 1000)], 1000), T0);
    for (const each of [step(0, 0), step(1000, 1000), step(5000, 6000)]) {
      const bar = barOf(each, span);
      expect(bar.width).toBeGreaterThan(0);
      expect(bar.left + bar.width).toBeLessThanOrEqual(100);
    }
  });
});

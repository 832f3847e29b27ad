import { OTHERS, seriesOf } from './series';

const item = (key: string, split: string, costNanoUsd: number) => ({
  key,
  split,
  costNanoUsd,
  calls: 1,
  inputTokens: 0,
  outputTokens: 0,
  cachedCalls: 0,
  savedNanoUsd: { cache: 0, routing: 0, compression: 0 },
});

describe('seriesOf', () => {
  it('keeps quiet days and sums up what is small', () => {
    const { points, names } = seriesOf(
      [
        item('2026-11-01', 'a', 3e9),
        item('2026-11-01', 'b', 2e9),
        item('2026-11-03', 'c', 1e9),
      ],
      ['2026-11-01', '2026-11-02', '2026-11-03'],
      split => split.toUpperCase(),
      2,
    );
    expect(names).toEqual(['A', 'B', OTHERS]);
    expect(points).toEqual([
      { day: '2026-11-01', A: 3, B: 2, [OTHERS]: 0 },
      { day: '2026-11-02', A: 0, B: 0, [OTHERS]: 0 },
      { day: '2026-11-03', A: 0, B: 0, [OTHERS]: 1 },
    ]);
  });

  it('shows tokens where every call was free', () => {
    const free = { ...item('2026-11-01', 'a', 0), inputTokens: 30 };
    const { measure, points } = seriesOf([free], ['2026-11-01'], name => name);
    expect(measure).toBe('tokens');
    expect(points[0].a).toBe(30 + free.outputTokens);
  });
});

import { formatDuration } from './duration';
import { formatNanoUsd } from './money';
import { formatCount, formatPercent } from './numbers';
import { formatTokens } from './tokens';

describe('money', () => {
  it.each([
    [0, '$0'],
    [500, '< $0.000001'],
    [4_200_000, '$0.0042'],
    [123_456, '$0.00012'],
    [10_000_000, '$0.01'],
    [12_400_000_000, '$12.40'],
    [999_990_000_000, '$999.99'],
    [1_204_400_000_000, '$1,204'],
    [-4_200_000, '-$0.0042'],
    [2_500_000_000n, '$2.50'],
  ])('shows %s nano-USD as %s', (nano, text) => {
    expect(formatNanoUsd(nano)).toBe(text);
  });
});

describe('tokens', () => {
  it.each([
    [0, '0'],
    [950, '950'],
    [1_234, '1.2k'],
    [2_000, '2k'],
    [128_000, '128k'],
    [999_600, '1M'],
    [1_047_576, '1.05M'],
  ])('shows %s as %s', (tokens, text) => {
    expect(formatTokens(tokens)).toBe(text);
  });

  it('names the unit when asked', () => {
    expect(formatTokens(1, { unit: true })).toBe('1 token');
    expect(formatTokens(1500, { unit: true })).toBe('1.5k tokens');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [849.6, '850 ms'],
    [999.7, '1 s'],
    [2_400, '2.4 s'],
    [59_990, '1 min'],
    [72_000, '1 min 12 s'],
    [7_500_000, '2 h 5 min'],
  ])('shows %s ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('numbers', () => {
  it('separates thousands and keeps small shares visible', () => {
    expect(formatCount(10_000)).toBe('10,000');
    expect(formatPercent(0.973)).toBe('97 %');
    expect(formatPercent(0.004)).toBe('0.4 %');
    expect(formatPercent(0)).toBe('0 %');
  });
});

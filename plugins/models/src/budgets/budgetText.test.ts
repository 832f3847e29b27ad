import { previewOf } from './budgetWords';
import { textToThresholds, thresholdsToText } from './thresholds';
import { nanoToUsd, readableUsd, usdToNano } from './usd';

describe('money as people type it', () => {
  it.each([
    ['50', 50_000_000_000],
    ['$ 1,250.10', 1_250_100_000_000],
    ['0.000000001', 1],
    ['0.1', 100_000_000],
    ['9007199.254740991', Number.MAX_SAFE_INTEGER],
  ])('reads %s without a float', (text, nano) => {
    expect(usdToNano(text)).toBe(nano);
  });

  it.each(['', '-1', '1e3', '1,5', '0.0000000001', '9007199.254740992'])(
    'does not read %p',
    text => {
      expect(usdToNano(text)).toBeUndefined();
    },
  );

  it('writes what it reads', () => {
    expect(nanoToUsd(50e9)).toBe('50.00');
    expect(nanoToUsd(1)).toBe('0.000000001');
    expect(nanoToUsd(123_456_700_000)).toBe('123.4567');
    expect(nanoToUsd(2_000e9)).toBe('2000.00');
    expect(readableUsd(1_234_567.8e9)).toBe('1,234,567.80');
  });
});

describe('thresholds as people type them', () => {
  it('reads percentages, ascending and once', () => {
    expect(textToThresholds('80, 50 %; 80 99.5')).toEqual([0.5, 0.8, 0.995]);
    expect(textToThresholds('')).toEqual([]);
    expect(thresholdsToText([0.5, 0.995])).toBe('50, 99.5');
  });

  it.each(['0', '101', 'half', '-5', '5.55'])('does not read %p', text => {
    expect(textToThresholds(text)).toBeUndefined();
  });
});

describe('the preview of a budget', () => {
  const terms = { name: 'Order help', limitNanoUsd: 50e9 };

  it('says what will happen', () => {
    expect(
      previewOf({ ...terms, window: 'month', softThresholds: [0.5, 0.8] }),
    ).toBe(
      'Order help may spend 50.00 USD a month. At 50 % and 80 % the owners are told; at the limit calls are refused.',
    );
    expect(previewOf({ ...terms, window: 'total', softThresholds: [1] })).toBe(
      'Order help may spend 50.00 USD in total. At the limit calls are refused.',
    );
  });
});

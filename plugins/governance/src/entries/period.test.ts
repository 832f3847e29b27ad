import { daysOf, periodOf } from './period';

const NOW = Date.parse('2026-11-28T10:30:00Z');

describe('the time of the page', () => {
  it('is the last 30 days unless the address says another that makes sense', () => {
    const month = { from: '2026-10-29T10:30:00.000Z' };
    expect(periodOf('30d', { from: '', to: '' }, NOW)).toEqual(month);
    expect(periodOf('century', { from: '', to: '' }, NOW)).toEqual(month);
    expect(
      periodOf('days', { from: '2026-11-02', to: '2026-11-01' }, NOW),
    ).toEqual(month);
    expect(periodOf('days', { from: '2026-02-31', to: 'x' }, NOW)).toEqual(
      month,
    );
  });

  it('has both of its days in it', () => {
    const period = periodOf(
      'days',
      { from: '2026-11-01', to: '2026-11-02' },
      NOW,
    );
    expect(period.to).toBe('2026-11-03T00:00:00.000Z');
    expect(daysOf(period, NOW)).toEqual(['2026-11-01', '2026-11-02']);
  });

  it('ends today while it goes on', () => {
    expect(daysOf({ from: '2026-11-26T23:59:00Z' }, NOW)).toEqual([
      '2026-11-26',
      '2026-11-27',
      '2026-11-28',
    ]);
  });
});

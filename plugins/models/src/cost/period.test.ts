import { daysOf, forecastOfMonth, periodBefore, periodOf } from './period';

const noon = new Date('2026-03-31T12:00:00Z');

describe('periods', () => {
  it('include today and end before tomorrow', () => {
    expect(periodOf('7d', noon)).toEqual({
      from: '2026-03-25',
      to: '2026-04-01',
    });
    expect(daysOf(periodOf('7d', noon))).toHaveLength(7);
  });

  it('compare a month with the same days of the month before, however short it was', () => {
    expect(periodBefore('month', noon)).toEqual({
      from: '2026-02-01',
      to: '2026-03-01',
    });
    expect(periodBefore('month', new Date('2026-01-10T00:00:00Z'))).toEqual({
      from: '2025-12-01',
      to: '2025-12-11',
    });
  });

  it('compare days with as many days before them', () => {
    expect(periodBefore('30d', noon)).toEqual({
      from: '2026-01-31',
      to: '2026-03-02',
    });
  });

  it('forecast a month from the part of it that has passed', () => {
    expect(forecastOfMonth(1_000_000, new Date('2026-04-16T00:00:00Z'))).toBe(
      2_000_000,
    );
  });
});

import { daysOf, periodBefore, periodOf } from './period';

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
      to: '2026-03-01T00:00:00.000Z',
    });
    expect(periodBefore('month', new Date('2026-01-10T06:00:00Z'))).toEqual({
      from: '2025-12-01',
      to: '2025-12-10T06:00:00.000Z',
    });
  });

  it('compare days with as many days before them, today up to the same hour', () => {
    expect(periodBefore('30d', noon)).toEqual({
      from: '2026-01-31',
      to: '2026-03-01T12:00:00.000Z',
    });
  });
});

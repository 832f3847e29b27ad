import { windowEnd, windowStart } from './windows';

describe('windows of weeks and quarters', () => {
  it.each([
    ['week', '2026-11-29T23:59:59.999Z', '2026-11-23', '2026-11-30'],
    ['week', '2026-11-30T00:00:00Z', '2026-11-30', '2026-12-07'],
    ['week', '2027-01-01T12:00:00Z', '2026-12-28', '2027-01-04'],
    ['quarter', '2026-12-31T23:59:59.999Z', '2026-10-01', '2027-01-01'],
    ['quarter', '2027-01-01T00:00:00Z', '2027-01-01', '2027-04-01'],
    ['quarter', '2028-02-29T00:00:00Z', '2028-01-01', '2028-04-01'],
  ] as const)('the %s of %s', (window, at, start, end) => {
    const began = windowStart(window, Date.parse(at));
    expect(began).toBe(Date.parse(start));
    expect(windowEnd(window, began)).toBe(Date.parse(end));
    // The end of one is the start of the next.
    expect(windowStart(window, Date.parse(end))).toBe(Date.parse(end));
    expect(windowStart(window, Date.parse(end) - 1)).toBe(began);
  });
});

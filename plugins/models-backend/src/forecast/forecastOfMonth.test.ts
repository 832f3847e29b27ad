import { forecastOfMonth } from './forecastOfMonth';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 16, 12);
const today = Math.floor(NOON / DAY) * DAY;

function history(costOf: (at: number) => number, days: number) {
  const byDay = new Map<string, number>();
  for (let back = days; back >= 0; back -= 1) {
    const at = today - back * DAY;
    byDay.set(new Date(at).toISOString().slice(0, 10), costOf(at));
  }
  return byDay;
}

function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('forecastOfMonth', () => {
  it('says that there is too little to look back on', () => {
    const none = forecastOfMonth({ now: NOON, byDay: new Map() });
    expect(none).toMatchObject({
      month: '2026-11',
      monthToDateNanoUsd: 0,
      method: { id: 'too-little-data', days: 0 },
    });
    expect(none.forecastNanoUsd).toBeUndefined();
    const two = forecastOfMonth({
      now: NOON,
      byDay: history(() => 10, 2),
    });
    expect(two.monthToDateNanoUsd).toBe(30);
    expect(two.method.text).toContain('there are 2 so far');
    expect(two.lowNanoUsd).toBeUndefined();
  });

  it('knows a steady month to the nano-USD', () => {
    // Half of today is spent, as half of it is over.
    const byDay = history(at => (at === today ? 500 : 1_000), 40);
    expect(forecastOfMonth({ now: NOON, byDay })).toMatchObject({
      monthToDateNanoUsd: 15_500,
      forecastNanoUsd: 30_000,
      lowNanoUsd: 30_000,
      highNanoUsd: 30_000,
      method: { id: 'weekday-run-rate', days: 40 },
    });
  });

  it('expects quiet weekends where they were quiet', () => {
    const weekend = (at: number) => [0, 6].includes(new Date(at).getUTCDay());
    const costOf = (at: number) => (weekend(at) ? 0 : 1_000);
    const byDay = history(at => (at === today ? 500 : costOf(at)), 56);
    let month = 0;
    for (let day = 1; day <= 30; day += 1) {
      month += costOf(Date.UTC(2026, 10, day));
    }
    expect(forecastOfMonth({ now: NOON, byDay }).forecastNanoUsd).toBe(month);
  });

  it('does not take the time before the first call for quiet days', () => {
    const byDay = history(at => (at === today ? 500 : 1_000), 5);
    const found = forecastOfMonth({ now: NOON, byDay });
    expect(found.method).toMatchObject({ id: 'run-rate', days: 5 });
    expect(found.forecastNanoUsd).toBe(5_500 + 14_500);
  });

  it('never promises less than what is spent', () => {
    const byDay = history(at => (at === today - 20 * DAY ? 1e9 : 0), 30);
    const found = forecastOfMonth({ now: NOON, byDay });
    expect(found.lowNanoUsd).toBeGreaterThanOrEqual(found.monthToDateNanoUsd);
  });

  it('has the end of about 8 of 10 months in its range', () => {
    const random = seeded(5);
    const tries = 400;
    let within = 0;
    for (let i = 0; i < tries; i += 1) {
      // Skewed as spending is: many usual days, few dear ones.
      const costOf = (at: number) => {
        const base = [0, 6].includes(new Date(at).getUTCDay()) ? 200 : 1_000;
        return Math.round(base * (0.4 + 1.2 * random()) * 1e6);
      };
      const byDay = history(
        at => (at === today ? costOf(at) / 2 : costOf(at)),
        56,
      );
      const found = forecastOfMonth({ now: NOON, byDay });
      let end = found.monthToDateNanoUsd + costOf(today) / 2;
      for (let day = 17; day <= 30; day += 1) {
        end += costOf(Date.UTC(2026, 10, day));
      }
      if (end >= found.lowNanoUsd! && end <= found.highNanoUsd!) {
        within += 1;
      }
    }
    expect(within / tries).toBeGreaterThan(0.72);
    expect(within / tries).toBeLessThan(0.93);
  });
});

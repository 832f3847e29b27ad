import { dueTimes, nextTime, type ScheduleTrigger } from './dueTimes';

const at = (iso: string) => Date.parse(iso);
const schedule = (more: Partial<ScheduleTrigger> = {}): ScheduleTrigger => ({
  type: 'schedule',
  name: 'hourly',
  cron: '0 * * * *',
  message: 'Look.',
  ...more,
});
const iso = (times: number[]) =>
  times.map(time => new Date(time).toISOString());

describe('times of a schedule', () => {
  it('fires what is due, also when the clock is looked at a little late', () => {
    const since = at('2026-11-28T09:00:00Z');
    for (const now of ['2026-11-28T09:00:00Z', '2026-11-28T09:00:41.5Z']) {
      expect(dueTimes(schedule(), since, at(now))).toEqual({
        fire: [since],
        missed: [],
      });
    }
    expect(dueTimes(schedule(), since, since - 500)).toEqual({
      fire: [],
      missed: [],
    });
  });

  it.each([
    [{ catchUp: 'skip' }, [], ['09', '10', '11']],
    [{ catchUp: 'once' }, ['11'], ['09', '10']],
    [{ catchUp: 'all' }, ['09', '10', '11'], []],
    [{ catchUp: 'all', catchUpMax: 2 }, ['10', '11'], ['09']],
    [{}, ['11'], ['09', '10']],
  ] as const)('makes up for missed times: %j', (how, fire, missed) => {
    const due = dueTimes(
      schedule(how),
      at('2026-11-28T09:00:00Z'),
      at('2026-11-28T11:30:00Z'),
    );
    const hours = (times: number[]) => iso(times).map(t => t.slice(11, 13));
    expect([hours(due.fire), hours(due.missed)]).toEqual([fire, missed]);
  });

  it('does not catch up beside a time that is just due', () => {
    const due = dueTimes(
      schedule({ catchUp: 'once' }),
      at('2026-11-28T09:00:00Z'),
      at('2026-11-28T11:00:05Z'),
    );
    expect(iso(due.fire)).toEqual(['2026-11-28T11:00:00.000Z']);
    expect(due.missed).toHaveLength(2);
  });

  it('is quick about a month of minutes', () => {
    const began = performance.now();
    const due = dueTimes(
      schedule({ cron: '* * * * *', catchUp: 'all', catchUpMax: 100 }),
      at('2026-10-28T09:00:00Z'),
      at('2026-11-28T09:00:30Z'),
    );
    expect(due.fire).toHaveLength(101);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is quick about a time that is just due, however many there have been', () => {
    const since = at('2026-11-28T09:00:00Z');
    const began = performance.now();
    for (let i = 0; i < 20; i += 1) {
      const due = dueTimes(schedule(), since, since + 1_000);
      expect(due).toEqual({ fire: [since], missed: [] });
    }
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it.each([
    ['30 2 * * *', '2026-03-28T12:00:00Z'],
    ['30 2 * * *', '2026-10-24T12:00:00Z'],
    ['*/30 * * * *', '2026-03-29T00:30:00Z'],
    ['*/30 * * * *', '2026-10-25T00:00:00Z'],
    ['*/30 * * * *', '2026-10-25T00:30:00Z'],
  ])('does at %s what it said it would after %s', (cron, after) => {
    const night = schedule({ cron, timeZone: 'Europe/Berlin' });
    const next = nextTime(night, at(after))!;
    expect(dueTimes(night, next, next + 500)).toEqual({
      fire: [next],
      missed: [],
    });
  });

  it('fires a time once where a clock is put back, and one that is left out after it', () => {
    const night = (cron: string, from: string, count: number) => {
      const times: number[] = [];
      let next: number | null = at(from);
      while (times.length < count && next !== null) {
        next = nextTime(schedule({ cron, timeZone: 'Europe/Berlin' }), next);
        times.push(next!);
      }
      return iso(times);
    };
    expect(night('30 2,14 * * *', '2026-10-24T22:00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T13:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(night('30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    // What is due each half hour goes on each half hour.
    expect(night('*/30 * * * *', '2026-10-24T23:50:00Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });
});

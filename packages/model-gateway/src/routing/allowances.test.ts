import fc from 'fast-check';
import { HedgeAllowance } from './HedgeAllowance';
import { RetryBudget } from './RetryBudget';

describe('what may be asked twice', () => {
  it('repeats no more than a tenth of the calls, and a few a second', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 300 }),
        pauses => {
          const clock = { at: 0, now: () => clock.at };
          const budget = new RetryBudget({ clock });
          let retries = 0;
          for (const pause of pauses) {
            clock.at += pause;
            budget.called();
            retries += budget.take() ? 1 : 0;
          }
          const seconds = clock.at / 1000;
          expect(retries).toBeLessThanOrEqual(
            30 + seconds * 3 + pauses.length / 10 + 1e-6,
          );
        },
      ),
    );
  });

  it('runs out when every call fails, and comes back with time', () => {
    const clock = { at: 0, now: () => clock.at };
    const budget = new RetryBudget({ clock });
    const took = Array.from({ length: 100 }, () => budget.take());
    expect(took.filter(Boolean)).toHaveLength(30);
    clock.at += 1_000;
    expect(Array.from({ length: 9 }, () => budget.take())).toEqual([
      ...[true, true, true],
      ...[false, false, false, false, false, false],
    ]);
  });

  it('hedges no more than its share of the calls of a route', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 1_500 }),
        (percent, calls) => {
          const allowance = new HedgeAllowance();
          let hedges = 0;
          for (let i = 0; i < calls; i += 1) {
            allowance.called('r');
            hedges += allowance.take('r', percent) ? 1 : 0;
          }
          expect(hedges).toBeLessThanOrEqual((calls * percent) / 100);
        },
      ),
    );
  });
});

import { generator } from './resampling';
import {
  alwaysValidDifference,
  armEstimate,
  excessEvidence,
  isRisen,
  isSurging,
  likeliestSurge,
  newCountDetector,
  newRateDetector,
  observeCount,
  observeRate,
  risenSince,
  sampleRatioCheck,
  sequentialMcNemar,
} from './index';

const random = generator(20261129);

/** Share of seeded runs in which something ever happened. */
function share(runs: number, happens: () => boolean): number {
  let times = 0;
  for (let run = 0; run < runs; run++) {
    times += happens() ? 1 : 0;
  }
  return times / runs;
}

it('errs in at most 5 % of comparisons though each case is looked at', () => {
  const decides = (better: number) => () => {
    let [wins, losses] = [0, 0];
    for (let asked = 0; asked < 800; asked++) {
      const drawn = random();
      if (drawn < 0.1 + better / 2) {
        wins++;
      } else if (drawn < 0.2) {
        losses++;
      } else {
        continue;
      }
      if (sequentialMcNemar(wins, losses) >= 20) {
        return true;
      }
    }
    return false;
  };
  expect(share(1500, decides(0))).toBeLessThan(0.05);
  expect(share(300, decides(0.1))).toBeGreaterThan(0.95);
});

it('errs in at most 5 % of experiments though they are looked at daily', () => {
  // Sixty days; every day some of 100 people an arm ask one to four times; each person has a rate of failures of their own.
  const concludes = (harm: number) => () => {
    const people = [0, 1].map(arm =>
      Array.from({ length: 100 }, () => ({
        rate: Math.min(1, 0.1 + (random() < 0.2 ? 0.3 : 0) + arm * harm),
        x: 0,
        n: 0,
      })),
    );
    for (let day = 0; day < 60; day++) {
      const [baseline, candidate] = people.map(arm => {
        const sums = { units: 0, x: 0, n: 0, xx: 0, xn: 0, nn: 0 };
        for (const person of arm) {
          if (random() < 0.3) {
            const runs = 1 + Math.floor(random() * 4);
            person.n += runs;
            for (let run = 0; run < runs; run++) {
              person.x += random() < person.rate ? 1 : 0;
            }
          }
          if (person.n > 0) {
            sums.units++;
            sums.x += person.x;
            sums.n += person.n;
            sums.xx += person.x ** 2;
            sums.xn += person.x * person.n;
            sums.nn += person.n ** 2;
          }
        }
        return armEstimate(sums);
      });
      if (Math.min(baseline.units, candidate.units) >= 30) {
        const { pValue } = alwaysValidDifference(baseline, candidate, {
          tau: 0.05,
        });
        if (pValue <= 0.05) {
          return true;
        }
      }
    }
    return false;
  };
  expect(share(400, concludes(0))).toBeLessThan(0.05);
  expect(share(100, concludes(0.15))).toBeGreaterThan(0.9);
});

it('stops a harmless candidate in at most 5 % of experiments, and a broken one soon', () => {
  const peopleUntilStop = (often: number) => {
    const people = { baseline: 0, candidate: 0 };
    for (let seen = 1; seen <= 600; seen++) {
      const arm = random() < 0.25 ? 'candidate' : 'baseline';
      people[arm] += random() < (arm === 'candidate' ? often : 0.1) ? 1 : 0;
      if (excessEvidence(people, 0.25) >= 20) {
        return seen;
      }
    }
    return Infinity;
  };
  expect(share(2000, () => peopleUntilStop(0.1) < Infinity)).toBeLessThan(0.05);
  expect(share(300, () => peopleUntilStop(1) <= 60)).toBeGreaterThan(0.95);
});

it('takes a sound experiment for a wrongly shared one in 1 of 1,000', () => {
  const wrong = () => {
    const counts = { baseline: 0, candidate: 0 };
    for (let day = 0; day < 60; day++) {
      for (let person = 0; person < 10; person++) {
        counts[random() < 0.25 ? 'candidate' : 'baseline']++;
      }
      if (!sampleRatioCheck(counts, 0.25).ok) {
        return true;
      }
    }
    return false;
  };
  expect(share(3000, wrong)).toBeLessThan(0.003);
});

it('raises false alarms as seldom as its budget says, and true ones soon', () => {
  const runLength = 500;
  const eventsUntilAlarm = (rate: number) => {
    let state = newRateDetector();
    while (!isRisen(state, runLength)) {
      state = observeRate(state, 0.05, random() < rate);
    }
    return state;
  };
  const mean = (runs: number, rate: number) => {
    let events = 0;
    for (let run = 0; run < runs; run++) {
      events += eventsUntilAlarm(rate).events;
    }
    return events / runs;
  };
  expect(mean(300, 0.05)).toBeGreaterThan(runLength);
  expect(mean(100, 0.2)).toBeLessThan(60);
});

it('says from when on a rate was higher', () => {
  let state = newRateDetector();
  for (let event = 0; event < 300; event++) {
    state = observeRate(state, 0.05, random() < 0.03);
  }
  while (!isRisen(state, 500)) {
    state = observeRate(state, 0.05, random() < 0.5);
  }
  expect(risenSince(state)).toBeGreaterThan(280);
  expect(risenSince(state)).toBeLessThan(310);
});

it('is told of more calls soon, and hardly ever without any', () => {
  const runLength = 500;
  const usual = { mean: 0.5, dispersion: 0.2 };
  // A rate of its own for each hour, as the detector has it: the counts are a negative binomial.
  const countOf = (mean: number) => {
    let rate = 0;
    for (let i = 0; i < 1 / usual.dispersion; i++) {
      rate -= Math.log(1 - random()) * mean * usual.dispersion;
    }
    let [count, product] = [0, random()];
    for (const least = Math.exp(-rate); product > least; count += 1) {
      product *= random();
    }
    return count;
  };
  const hoursUntilAlarm = (mean: number, before = 0) => {
    let state = newCountDetector();
    let hour = 0;
    for (; !isSurging([state], runLength); hour++) {
      state = observeCount(
        state,
        hour,
        countOf(hour < before ? usual.mean : mean),
        usual,
      );
    }
    return { hour, ...likeliestSurge([state]) };
  };
  const mean = (runs: number, of: number) => {
    let hours = 0;
    for (let run = 0; run < runs; run++) {
      hours += hoursUntilAlarm(of).hour;
    }
    return hours / runs;
  };
  expect(mean(150, usual.mean)).toBeGreaterThan(runLength);
  expect(mean(100, 10 * usual.mean)).toBeLessThan(4);
  const { count, expected, hour, since } = hoursUntilAlarm(5, 40);
  expect(since).toBeGreaterThan(37);
  expect(expected).toBeCloseTo((hour - since) * usual.mean);
  expect(count).toBeGreaterThan(4 * expected);
  expect(() =>
    observeCount(newCountDetector(), 0, 1, { ...usual, mean: 0 }),
  ).toThrow(RangeError);
});

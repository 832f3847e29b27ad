// `npm run evals:statistics`: how often the statistics of evaluations and experiments err though somebody looks at
// them all the time, and how soon they find what is there. Seeded; some minutes.
import {
  alwaysValidDifference,
  armShareEstimate,
  exactMcNemar,
  excessEvidence,
  isRisen,
  newRateDetector,
  observeRate,
  pairedDifference,
  sampleRatioCheck,
  sequentialMcNemar,
} from '@agentportal/plugin-evals-common';

let state = 20261129;
/** Park and Miller's generator: the same numbers in each run. */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

interface Row {
  test: string;
  situation: string;
  measured: string;
  promised: string;
}

const rows: Row[] = [];

/** Of many tries, the share in which something was said, and after how many observations on average. */
function measure(runs: number, tryOnce: () => number | undefined) {
  let [said, after] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const at = tryOnce();
    if (at !== undefined) {
      said += 1;
      after += at;
    }
  }
  return { share: said / runs, after: said ? Math.round(after / said) : 0 };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Cases of which a fifth differ; the candidate is right in some more. */
function pairs(
  cases: number,
  better: number,
  decides: (wins: number, losses: number, asked: number) => boolean,
) {
  return () => {
    let [wins, losses] = [0, 0];
    for (let asked = 1; asked <= cases; asked++) {
      const drawn = random();
      if (drawn < 0.1 + better / 2) {
        wins += 1;
      } else if (drawn < 0.2) {
        losses += 1;
      }
      if (drawn < 0.2 && decides(wins, losses, asked)) {
        return asked;
      }
    }
    return undefined;
  };
}

const sequential = (wins: number, losses: number) =>
  sequentialMcNemar(wins, losses) >= 20;
const peeking = (wins: number, losses: number) =>
  wins + losses >= 10 &&
  Math.abs(wins - losses) / Math.sqrt(wins + losses) > 1.96;

for (const [name, decides, promised] of [
  ['sequential McNemar, each case', sequential, 'at most 5 %'],
  ['z test, each case (not used)', peeking, '5 %'],
] as const) {
  const none = measure(5_000, pairs(2_000, 0, decides));
  rows.push({
    test: name,
    situation: 'no difference, 2,000 cases',
    measured: `${percent(none.share)} decided`,
    promised,
  });
}
for (const better of [0.05, 0.1]) {
  const { share, after } = measure(2_000, pairs(4_000, better, sequential));
  rows.push({
    test: 'sequential McNemar, each case',
    situation: `${better * 100} points better`,
    measured: `${percent(share)} after ${after} cases`,
    promised: better === 0.05 ? 'about 735 cases' : 'about 170 cases',
  });
}
for (const [cases, better] of [
  [626, 0],
  [626, 0.05],
  [155, 0.1],
]) {
  let decided = 0;
  for (let run = 0; run < 3_000; run++) {
    let counts = [0, 0];
    pairs(cases, better, (wins, losses) => {
      counts = [wins, losses];
      return false;
    })();
    decided += exactMcNemar(counts[0], counts[1]) <= 0.05 ? 1 : 0;
  }
  rows.push({
    test: 'exact McNemar, one look',
    situation: `${better * 100} points better, ${cases} cases`,
    measured: `${percent(decided / 3_000)} decided`,
    promised: better ? 'about 80 %' : 'at most 5 %',
  });
}

const outside = measure(2_000, () => {
  let left: number | undefined;
  pairs(600, 0.05, (wins, losses, asked) => {
    const { low, high } = pairedDifference({ wins, losses, paired: asked });
    if (asked >= 50 && (low > 0.05 || high < 0.05)) {
      left ??= asked;
    }
    return left !== undefined;
  })();
  return left;
});
rows.push({
  test: 'interval of a paired difference',
  situation: '5 points better, each case',
  measured: `${percent(outside.share)} ever missed it`,
  promised: 'at most 5 %',
});

/** An experiment of 60 days; people differ, and come back. */
function experiment(harm: number, perArm: number) {
  return () => {
    const arms = [0, 1].map(arm =>
      Array.from({ length: perArm }, () => ({
        rate: (random() < 0.2 ? 0.3 : 0.05) + arm * harm,
        x: 0,
        n: 0,
      })),
    );
    for (let day = 1; day <= 60; day++) {
      const [baseline, candidate] = arms.map(people => {
        const sums = { units: 0, x: 0, n: 0, xx: 0, xn: 0, nn: 0 };
        for (const person of people) {
          if (random() < 0.2) {
            person.n += 1;
            person.x += random() < person.rate ? 1 : 0;
          }
          if (person.n) {
            sums.units += 1;
            sums.x += person.x;
            sums.n += person.n;
            sums.xx += person.x ** 2;
            sums.xn += person.x * person.n;
            sums.nn += person.n ** 2;
          }
        }
        return armShareEstimate(sums);
      });
      const { pValue } = alwaysValidDifference(baseline, candidate, {
        tau: 0.05,
      });
      if (Math.min(baseline.units, candidate.units) >= 30 && pValue <= 0.05) {
        return day;
      }
    }
    return undefined;
  };
}

for (const [harm, perArm] of [
  [0, 100],
  [0, 1_000],
  [0.05, 1_000],
  [0.15, 100],
]) {
  const { share, after } = measure(
    perArm > 500 ? 200 : 1_000,
    experiment(harm, perArm),
  );
  rows.push({
    test: 'mixture SPRT, daily',
    situation: `${perArm} people an arm, fails ${harm * 100} points more`,
    measured: `${percent(share)} decided${harm ? ` after ${after} days` : ''}`,
    promised: harm ? '' : 'at most 5 %',
  });
}

for (const often of [0.1, 0.3, 1]) {
  const { share, after } = measure(5_000, () => {
    const people = { baseline: 0, candidate: 0 };
    for (let seen = 1; seen <= 2_000; seen++) {
      const arm = random() < 0.1 ? 'candidate' : 'baseline';
      people[arm] += random() < (arm === 'candidate' ? often : 0.1) ? 1 : 0;
      if (excessEvidence(people, 0.1) >= 80) {
        return seen;
      }
    }
    return undefined;
  });
  rows.push({
    test: 'guard of failures, each person, 10 % candidate',
    situation: `${often * 100} % instead of 10 % have failures`,
    measured: `${percent(share)} stopped${
      often > 0.1 ? ` after ${after} people` : ''
    }`,
    promised: often > 0.1 ? '' : 'at most 1.25 %',
  });
}

const ratio = measure(5_000, () => {
  const counts = { baseline: 0, candidate: 0 };
  for (let day = 1; day <= 60; day++) {
    for (let person = 0; person < 20; person++) {
      counts[random() < 0.25 ? 'candidate' : 'baseline'] += 1;
    }
    if (!sampleRatioCheck(counts, 0.25).ok) {
      return day;
    }
  }
  return undefined;
});
rows.push({
  test: 'sample ratio, daily',
  situation: 'shared out as it should be',
  measured: `${percent(ratio.share)} refused`,
  promised: 'at most 0.1 %',
});

for (const baseline of [0.02, 0.05, 0.1]) {
  for (const times of [1, 2, 4]) {
    const { after } = measure(times === 1 ? 500 : 1_000, () => {
      let detector = newRateDetector();
      while (!isRisen(detector, 2_000)) {
        detector = observeRate(detector, baseline, random() < baseline * times);
      }
      return detector.events;
    });
    rows.push({
      test: 'alarm of a rate, run length 2,000',
      situation: `${baseline * 100} % times ${times}`,
      measured: `alarm after ${after} events`,
      promised: times === 1 ? 'at least 2,000' : '',
    });
  }
}

console.table(rows);

import {
  alwaysValidDifference,
  armEstimate,
  benjaminiHochberg,
  casesForDifference,
  casesNeeded,
  cohenKappa,
  exactMcNemar,
  excessEvidence,
  lowerBound,
  observationsPerArm,
  pairedBootstrap,
  pairedDifference,
  sampleRatioCheck,
  sequentialMcNemar,
  signFlipTest,
  smallestDifference,
  upperBound,
  verdictOf,
  wilsonInterval,
} from './index';

// Numbers with many digits are those of scipy 1.17.1: binomtest, betaln, false_discovery_control, permutation_test.

describe('rates', () => {
  it.each([
    [18, 20, 0.6989663547715128, 0.9721335187862319],
    [45, 50, 0.7863976856252034, 0.9565242350681095],
    [450, 500, 0.8705780903680599, 0.9233224372626984],
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371109, 1],
  ])('has the interval of Wilson of %i in %i', (k, n, low, high) => {
    const interval = wilsonInterval(k, n);
    expect(interval.low).toBeCloseTo(low, 7);
    expect(interval.high).toBeCloseTo(high, 7);
  });

  it.each([
    [18, 20, 0.7173814751141357],
    [45, 50, 0.8011669974840243],
    [450, 500, 0.8751341925861098],
    [19, 19, 0.8541314966877565],
    [0, 10, 0],
  ])('has the exact lower bound of %i in %i', (k, n, low) => {
    expect(lowerBound(k, n)).toBeCloseTo(low, 7);
    expect(upperBound(n - k, n)).toBeCloseTo(1 - low, 7);
  });

  it.each([
    [0.85, [19, 30, 40, 68]],
    [0.9, [29, 46, 61, 103]],
    [0.95, [59, 93, 124, 208]],
  ])('needs as many cases for a gate at %d as are published', (t, cases) => {
    expect([0, 1, 2, 5].map(failures => casesNeeded(t, failures))).toEqual(
      cases,
    );
  });

  it('says so when counts contradict each other', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('Of 2 trials 3 cannot');
    expect(() => casesNeeded(1, 0)).toThrow('between 0 and 1');
  });
});

describe('pairs', () => {
  it.each([
    [10, 1, 0.01171875],
    [20, 8, 0.03569813817739487],
    [700, 600, 0.0060157938610449395],
    [0, 3, 0.25],
    [5, 5, 1],
  ])('tests %i wins and %i losses exactly', (wins, losses, p) => {
    expect(exactMcNemar(wins, losses)).toBeCloseTo(p, 7);
  });

  it.each([
    [10, 1, 15.515151515151521],
    [20, 8, 2.9781474675027875],
    [5, 5, 0.36940836940836935],
    [300, 200, 1292.5378059484551],
  ])('weighs %i wins and %i losses as they come', (wins, losses, evidence) => {
    expect(sequentialMcNemar(wins, losses) / evidence).toBeCloseTo(1, 6);
  });

  it('leaves 0 out of the interval exactly when the test decides', () => {
    for (let wins = 0; wins <= 40; wins++) {
      for (let losses = 0; losses <= 12; losses++) {
        const counts = { wins, losses, paired: 100 };
        const decided = (looks: 'any' | 'one') => {
          const { low, high } = pairedDifference(counts, { looks });
          return low > 0 || high < 0;
        };
        expect(decided('any')).toBe(sequentialMcNemar(wins, losses) >= 20);
        expect(decided('one')).toBe(exactMcNemar(wins, losses) < 0.05);
      }
    }
  });

  it('resamples cases and not trials, and gives the same answer twice', () => {
    const pairs = Array.from({ length: 40 }, (_, index) => ({
      baseline: [100 + (index % 7), 104 + (index % 5)],
      candidate: [110 + (index % 3)],
    }));
    const interval = pairedBootstrap(pairs);
    expect(pairedBootstrap(pairs)).toEqual(interval);
    expect(interval.low).toBeLessThan(interval.value);
    expect(interval.high).toBeGreaterThan(interval.value);
    // The bootstrap's error agrees with the classical one of the mean difference.
    const differences = pairs.map(
      ({ baseline: [a, b], candidate: [c] }) => c - (a + b) / 2,
    );
    const mean = differences.reduce((sum, d) => sum + d, 0) / 40;
    const variance =
      differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 39;
    const half = 1.96 * Math.sqrt(variance / 40);
    expect((interval.high - interval.low) / (2 * half)).toBeCloseTo(1, 1);
    const trebled = pairs.map(({ baseline, candidate }) => ({
      baseline,
      candidate: [...candidate, ...candidate, ...candidate],
    }));
    expect(pairedBootstrap(trebled)).toEqual(interval);
  });

  it('turns signs exactly for few cases and by draws for many', () => {
    const pairs = (differences: number[]) =>
      differences.map(difference => ({
        baseline: [0],
        candidate: [difference],
      }));
    const few = [1, 2, -1, 3, 0.5, 2, -0.5, 1.5];
    expect(signFlipTest(pairs(few))).toBeCloseTo(0.0859375, 9);
    expect(signFlipTest(pairs([...few, ...few, ...few, ...few]))).toBeLessThan(
      0.01,
    );
    expect(signFlipTest(pairs([0, 0]))).toBe(1);
  });
});

describe('power', () => {
  it.each([
    [0.03, 0.1, 870],
    [0.03, 0.2, 1742],
    [0.05, 0.1, 312],
    [0.05, 0.2, 626],
    [0.05, 0.3, 940],
    [0.1, 0.2, 155],
    [0.15, 0.3, 103],
  ])('needs, for %d at %d discordant, %i cases', (difference, share, cases) => {
    expect(
      Math.abs(casesForDifference(difference, share) - cases),
    ).toBeLessThanOrEqual(1);
    expect(smallestDifference(cases + 1, share)).toBeCloseTo(difference, 2);
  });

  it.each([
    [0.03, 2629],
    [0.05, 906],
    [0.1, 199],
  ])('needs, for %d in independent arms, %i each', (difference, each) => {
    expect(
      Math.abs(observationsPerArm(0.8, difference) - each),
    ).toBeLessThanOrEqual(1);
  });
});

it('corrects p-values over all that are looked at together', () => {
  const corrected = benjaminiHochberg([0.01, 0.04, 0.03, 0.005, 0.55]);
  [0.025, 0.05, 0.05, 0.025, 0.55].forEach((p, index) =>
    expect(corrected[index]).toBeCloseTo(p, 12),
  );
});

describe('judges', () => {
  it('measures agreement beyond chance', () => {
    const pairs = (count: number, pair: [string, string]) =>
      Array.from({ length: count }, () => pair);
    // The example of the article on Cohen's kappa in Wikipedia.
    expect(
      cohenKappa([
        ...pairs(20, ['yes', 'yes']),
        ...pairs(5, ['yes', 'no']),
        ...pairs(10, ['no', 'yes']),
        ...pairs(15, ['no', 'no']),
      ]),
    ).toEqual({ same: 0.7, count: 50, kappa: expect.closeTo(0.4, 9) });
    expect(cohenKappa(pairs(9, ['yes', 'yes']))).toEqual({ same: 1, count: 9 });
    expect(cohenKappa([])).toEqual({ same: 0, count: 0 });
  });
});

describe('experiments', () => {
  it('agrees with the sequential test of GrowthBook', () => {
    // packages/stats, test_sequential_test_runs: lift 0.50336 with error 0.33341, N* = 1000, 6461 people.
    const [lift, error, people] = [0.50336, 0.33341, 6461];
    const rho = Math.sqrt(
      (-2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05) + 1)) / 1000,
    );
    const answer = alwaysValidDifference(
      { units: 3000, mean: 0, standardError: 0 },
      { units: 3461, mean: lift, standardError: error },
      { tau: rho * error * Math.sqrt(people) },
    );
    expect(answer.difference.low).toBeCloseTo(-0.55844, 3);
    expect(answer.difference.high).toBeCloseTo(1.56516, 3);
    expect(answer.pValue).toBe(1);
  });

  it('has a p-value of 5 % exactly where the interval touches 0', () => {
    const arm = { units: 500, mean: 0, standardError: 0.02 };
    const { difference } = alwaysValidDifference(arm, arm, { tau: 0.05 });
    const { pValue } = alwaysValidDifference(
      arm,
      { ...arm, mean: difference.high },
      { tau: 0.05 },
    );
    expect(pValue).toBeCloseTo(0.05, 6);
  });

  it('takes people and not their runs for evidence', () => {
    // 50 people of whom half always fail, each with 10 runs: the error of 50 coins, not of 500.
    const { mean, standardError } = armEstimate({
      units: 50,
      x: 250,
      n: 500,
      xx: 2500,
      xn: 2500,
      nn: 5000,
    });
    expect(mean).toBe(0.5);
    expect(standardError).toBeCloseTo(Math.sqrt(0.25 / 49), 6);
    expect(
      armEstimate({ units: 1, x: 1, n: 4, xx: 1, xn: 4, nn: 16 }),
    ).toMatchObject({ standardError: Infinity });
  });

  it('notices that people were not shared out as they should be', () => {
    const check = (baseline: number, candidate: number, share = 0.5) =>
      sampleRatioCheck({ baseline, candidate }, share).ok;
    expect(check(500, 500)).toBe(true);
    expect(check(900, 100, 0.1)).toBe(true);
    expect(check(0, 0)).toBe(true);
    expect(check(3, 0)).toBe(true);
    expect(check(100, 900)).toBe(false);
    expect(check(10_000, 9_300)).toBe(false);
  });

  it.each([
    [0, 0, 0.5, 1],
    [6, 0, 0.5, 18.142857142857142],
    [3, 0, 0.1, 277.75],
    [20, 20, 0.5, 0.1945450277536005],
  ])('weighs %i against %i people at a share of %d', (a, b, share, weight) => {
    const evidence = excessEvidence({ candidate: a, baseline: b }, share);
    expect(evidence / weight).toBeCloseTo(1, 4);
  });

  it('weighs nothing against a candidate that hurts hardly anybody, among however many people', () => {
    for (const baseline of [1_100, 20_000]) {
      const people = { candidate: 3, baseline };
      expect(excessEvidence(people, 0.5)).toBeLessThan(1);
    }
  });
});

describe('verdicts', () => {
  it.each([
    [
      { wins: 24, losses: 4, paired: 200 },
      'better',
      'The candidate is right in 10 more of 100 (2 to 19).',
    ],
    [
      { wins: 4, losses: 24, paired: 200 },
      'worse',
      'The candidate is right in 10 fewer of 100 (2 to 19).',
    ],
    [
      { wins: 4, losses: 5, paired: 1000 },
      'no-difference',
      'The versions differ by 5 of 100 at most (1 fewer to 1 more).',
    ],
    [
      { wins: 6, losses: 3, paired: 50 },
      'undecided',
      'The candidate is right in 6 more of 100, which may be chance (17 fewer to 28 more). About 341 more cases would decide. This set cannot show less than 16 points.',
    ],
    [
      { wins: 0, losses: 0, paired: 0 },
      'undecided',
      'No case was asked of both versions.',
    ],
  ])('says what %j means', (counts, decision, sentence) => {
    expect(verdictOf(counts)).toMatchObject({ decision, sentence });
  });
});

import jStat from 'jstat';
import type { Interval } from '../types';

/**
 * Interval of one rate, with an end at 0 or 1 that is not below or above it also where nothing or all
 * succeeded. Shares from 0 to 1; without trials it is the whole range.
 *
 * Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927); recommended by Brown, Cai and DasGupta, Stat. Sci. 16 (2001).
 *
 * @public
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): Interval {
  assertCounts(successes, trials);
  if (trials === 0) {
    return { value: 0, low: 0, high: 1 };
  }
  const z = jStat.normal.inv(1 - (1 - confidence) / 2, 0, 1);
  const value = successes / trials;
  const spread = 1 + z ** 2 / trials;
  const middle = (value + z ** 2 / (2 * trials)) / spread;
  const half =
    (z / spread) *
    Math.sqrt((value * (1 - value)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    value,
    low: successes === 0 ? 0 : Math.max(0, middle - half),
    high: successes === trials ? 1 : Math.min(1, middle + half),
  };
}

/**
 * Interval of how many there are in a while, of which so many were counted once, exact for what comes by itself.
 *
 * Source: F. Garwood, Biometrika 28 (1936).
 *
 * @public
 */
export function countInterval(counted: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return {
    value: counted,
    low: counted === 0 ? 0 : jStat.chisquare.inv(tail, 2 * counted) / 2,
    high: jStat.chisquare.inv(1 - tail, 2 * (counted + 1)) / 2,
  };
}

/**
 * What a rate is at least, one-sided and exact: gates and checks hold this against their target, so that
 * few trials never pass by luck more often than 1 - `confidence`.
 *
 * Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934).
 *
 * @public
 */
export function lowerBound(
  successes: number,
  trials: number,
  confidence = 0.95,
): number {
  assertCounts(successes, trials);
  return successes === 0
    ? 0
    : jStat.ibetainv(1 - confidence, successes, trials - successes + 1);
}

/**
 * What a rate is at most, one-sided and exact; see {@link lowerBound}.
 *
 * @public
 */
export function upperBound(
  successes: number,
  trials: number,
  confidence = 0.95,
): number {
  assertCounts(successes, trials);
  return 1 - lowerBound(trials - successes, trials, confidence);
}

/**
 * How many cases a set needs so that the lower bound reaches `target` while `failures` of them fail.
 *
 * @param target - share above 0 and below 1
 *
 * @public
 */
export function casesNeeded(
  target: number,
  failures: number,
  confidence = 0.95,
): number {
  if (!(target > 0 && target < 1)) {
    throw new RangeError(
      `The target is a share between 0 and 1, not ${target}`,
    );
  }
  const reaches = (cases: number) =>
    lowerBound(cases - failures, cases, confidence) >= target;
  let enough = failures + 1;
  while (!reaches(enough)) {
    enough *= 2;
  }
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (middle > failures && reaches(middle)) {
      enough = middle;
    } else {
      tooFew = middle;
    }
  }
  return enough;
}

/** Counts that contradict each other would give a figure that nobody questions. */
export function assertCounts(successes: number, trials: number) {
  if (
    !Number.isInteger(successes) ||
    !Number.isInteger(trials) ||
    successes < 0 ||
    successes > trials
  ) {
    throw new RangeError(
      `Of ${trials} trials ${successes} cannot have succeeded; give whole numbers from 0 to the number of trials`,
    );
  }
}

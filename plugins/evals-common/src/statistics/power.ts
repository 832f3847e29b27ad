import jStat from 'jstat';

/** Of the error that a plan allows: 5 %, two-sided; and how often it should find what is there: 80 %. */
const ERROR = jStat.normal.inv(0.975, 0, 1);
const POWER = jStat.normal.inv(0.8, 0, 1);

/**
 * How often two versions of an agent disagree on a case, where nobody has measured it: 1 in 5.
 *
 * @public
 */
export const USUAL_DISCORDANT = 0.2;

/**
 * About how many cases, asked of both versions, show a difference in the share of right answers in 80 % of tries at
 * 5 % error.
 *
 * Source: R. J. Connor, Biometrics 43 (1987).
 *
 * @param difference - share, 0.05 for five of a hundred
 * @param discordant - share of cases in which exactly one version is right
 *
 * @public
 */
export function casesForDifference(
  difference: number,
  discordant = USUAL_DISCORDANT,
): number {
  const wanted = Math.abs(difference);
  // A difference is at most the share of cases that differ at all.
  const differing = Math.max(discordant, wanted);
  const root =
    ERROR * Math.sqrt(differing) + POWER * Math.sqrt(differing - wanted ** 2);
  return Math.ceil(root ** 2 / wanted ** 2);
}

/**
 * The smallest difference in the share of right answers that this many paired cases show in 80 % of tries at 5 %
 * error; 1 where even that would not be shown.
 *
 * @public
 */
export function smallestDifference(
  cases: number,
  discordant = USUAL_DISCORDANT,
): number {
  let shown = 1;
  let hidden = 0;
  for (let step = 0; step < 40; step++) {
    const middle = (shown + hidden) / 2;
    if (casesForDifference(middle, discordant) <= cases) {
      shown = middle;
    } else {
      hidden = middle;
    }
  }
  return shown;
}

/**
 * About how many observations each of two independent arms needs to show a difference of a rate in 80 % of tries at
 * 5 % error. Tests that may be looked at daily need about a third more.
 *
 * Source: J. L. Fleiss, Statistical Methods for Rates and Proportions, section 4.2.
 *
 * @param rate - of the version in force, 0 to 1
 *
 * @public
 */
export function observationsPerArm(rate: number, difference: number): number {
  const other = Math.min(1, rate + Math.abs(difference));
  const mean = (rate + other) / 2;
  const root =
    ERROR * Math.sqrt(2 * mean * (1 - mean)) +
    POWER * Math.sqrt(rate * (1 - rate) + other * (1 - other));
  return Math.ceil(root ** 2 / difference ** 2);
}

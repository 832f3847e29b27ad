import jStat from 'jstat';
import type { Interval } from '../types';

/**
 * What a metric of one arm of an experiment comes to.
 *
 * @public
 */
export interface ArmEstimate {
  /** People or conversations, whatever was assigned; a mean over few of them has no normal error yet. */
  units: number;
  mean: number;
  standardError: number;
}

/**
 * Sums over the units of one arm, from which its mean is estimated; `x` is what is measured and `n` how often, so a
 * rate of failed runs has failed runs as `x` and runs as `n` of each person.
 *
 * @public
 */
export interface UnitSums {
  units: number;
  x: number;
  n: number;
  xx: number;
  xn: number;
  nn: number;
}

/**
 * Mean over all observations of an arm, with the error that comes of people and not of their runs: the runs of one
 * person are alike, so counting each as new evidence would call chance a difference.
 *
 * Source: A. Deng, U. Knoblich and J. Lu, arXiv 1803.06336 (delta method for ratios of clustered data).
 *
 * @public
 */
export function armEstimate(sums: UnitSums): ArmEstimate {
  const { units, x, n, xx, xn, nn } = sums;
  if (units < 2 || n === 0) {
    return { units, mean: n === 0 ? 0 : x / n, standardError: Infinity };
  }
  const mean = x / n;
  // Rounding can leave a sum of squares of equal units a little below 0.
  const squares = Math.max(0, xx - 2 * mean * xn + mean ** 2 * nn);
  return {
    units,
    mean,
    standardError: Math.sqrt((squares * units) / (units - 1)) / n,
  };
}

/**
 * The same of a share, whose error is never taken for smaller than if all observations were independent and there were one
 * success and one failure more: where nothing has failed yet, that is not known for sure.
 *
 * Source: A. Agresti and B. Coull, Am. Stat. 52 (1998).
 *
 * @public
 */
export function armShareEstimate(sums: UnitSums): ArmEstimate {
  const estimate = armEstimate(sums);
  const shrunk = (sums.x + 1) / (sums.n + 2);
  return {
    ...estimate,
    standardError: Math.max(
      estimate.standardError,
      Math.sqrt((shrunk * (1 - shrunk)) / Math.max(1, sums.n)),
    ),
  };
}

/**
 * Difference of two arms (candidate less baseline) with an interval and a p-value that hold at every look at once,
 * so a page may show them daily and a job may stop on them. For errors that are about normal: decide nothing
 * before each arm has some tens of units.
 *
 * Λ = √(s² / (s² + τ²)) · exp(τ² d² / (2 s² (s² + τ²))), p = 1 / Λ; where p was smaller at an earlier look, that counts.
 *
 * Source: R. Johari, P. Koomen, L. Pekelis and D. Walsh, Operations Research 70 (2022), mixture SPRT; as a confidence
 * sequence I. Waudby-Smith et al., arXiv 2103.06476.
 *
 * @param tau - difference that the test is most sensitive to, in the metric's unit: the smallest that matters
 *
 * @public
 */
export function alwaysValidDifference(
  baseline: ArmEstimate,
  candidate: ArmEstimate,
  options: { tau: number; confidence?: number },
): { difference: Interval; pValue: number } {
  const { tau, confidence = 0.95 } = options;
  const value = candidate.mean - baseline.mean;
  const variance = baseline.standardError ** 2 + candidate.standardError ** 2;
  // Without spread there is nothing to hold the difference against, so nothing is concluded.
  if (!Number.isFinite(variance) || variance === 0) {
    return {
      difference: { value, low: -Infinity, high: Infinity },
      pValue: 1,
    };
  }
  const widened = variance + tau ** 2;
  const logRatio =
    0.5 * Math.log(variance / widened) +
    (tau ** 2 * value ** 2) / (2 * variance * widened);
  const half = Math.sqrt(
    ((2 * variance * widened) / tau ** 2) *
      (0.5 * Math.log(widened / variance) - Math.log(1 - confidence)),
  );
  return {
    difference: { value, low: value - half, high: value + half },
    pValue: Math.min(1, Math.exp(-logRatio)),
  };
}

/**
 * Whether people were shared out between two arms as they should be. Where not, something drops them on the way and
 * no figure of the experiment means anything. May be asked daily: a sound experiment fails it in 1 of 1,000.
 *
 * Source: M. Lindon and A. Malek, arXiv 2011.03567 (sequential test of multinomial counts).
 *
 * @param share - of the candidate, above 0 and below 1
 *
 * @public
 */
export function sampleRatioCheck(
  counts: { baseline: number; candidate: number },
  share: number,
): { ok: boolean; pValue: number } {
  // How tightly the alternatives lie around the share: a standard deviation of about 1.6 points at one half.
  const tightness = 1000;
  const { baseline, candidate } = counts;
  const [a, b] = [tightness * share, tightness * (1 - share)];
  const logEvidence =
    jStat.betaln(a + candidate, b + baseline) -
    jStat.betaln(a, b) -
    candidate * Math.log(share) -
    baseline * Math.log(1 - share);
  const pValue = Math.min(1, Math.exp(-logEvidence));
  return { ok: pValue >= 0.001, pValue };
}

/**
 * Evidence that something happens to more people of the candidate arm than its share, such as that a run of theirs
 * failed. Each person counts once, when it happens to them the first time. It needs no large numbers and may be
 * looked at whenever one comes in: 1/α is reached with probability α at most while the arm makes no difference, so
 * it stops a candidate that always fails after a handful of people.
 *
 * It is the mean of the likelihood ratio over all greater shares.
 *
 * Source: H. Robbins, Ann. Math. Stat. 41 (1970); J. Ville (1939).
 *
 * @param share - of people who get the candidate, above 0 and below 1
 *
 * @public
 */
export function excessEvidence(
  people: { baseline: number; candidate: number },
  share: number,
): number {
  const { baseline, candidate } = people;
  // Of the shares that are greater, computed as such: as the rest of 1 it would be lost in rounding.
  const greater = jStat.ibeta(1 - share, baseline + 1, candidate + 1);
  return greater > 0
    ? Math.exp(
        Math.log(greater / (1 - share)) +
          jStat.betaln(candidate + 1, baseline + 1) -
          candidate * Math.log(share) -
          baseline * Math.log(1 - share),
      )
    : 0;
}

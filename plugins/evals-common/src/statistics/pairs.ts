import jStat from 'jstat';
import type { Interval } from '../types';
import { assertCounts, lowerBound, upperBound, wilsonInterval } from './rates';

/**
 * What was seen of the same cases under two versions.
 *
 * @public
 */
export interface PairCounts {
  /** Cases that only the candidate got right. */
  wins: number;
  /** Cases that only the baseline got right. */
  losses: number;
  /** All cases that both were asked, also those in which they agree. */
  paired: number;
}

/**
 * Evidence that two versions differ, from cases in which exactly one of them was right. It may be looked at after
 * every case: under no difference it ever reaches 1/α with probability α at most, so 20 decides at 5 %. Evidence
 * of independent sets may be multiplied.
 *
 * It is the mean of the likelihood ratio over what the share of wins could be: E = 2^(w+l) · B(a+w, a+l) / B(a, a).
 *
 * Source: J. Ville (1939); mixture of Robbins, Ann. Math. Stat. 41 (1970), on the pairs of McNemar, Psychometrika 12
 * (1947).
 *
 * @param spread - a of the beta distribution; 1 holds all shares for equally likely
 *
 * @public
 */
export function sequentialMcNemar(
  wins: number,
  losses: number,
  spread = 1,
): number {
  return Math.exp(logEvidence(wins, losses, 0.5, spread));
}

/**
 * Probability of a split at least as uneven if the versions did not differ, for a number of cases that was fixed
 * before. Whoever looks while cases come in uses {@link sequentialMcNemar}.
 *
 * Source: exact form of McNemar, Psychometrika 12 (1947).
 *
 * @public
 */
export function exactMcNemar(wins: number, losses: number): number {
  assertCounts(wins, wins + losses);
  const fewer = Math.min(wins, losses);
  if (wins === losses) {
    return 1;
  }
  // P(X <= k) of Binomial(n, 1/2) is I_{1/2}(n - k, k + 1).
  return Math.min(1, 2 * jStat.ibeta(0.5, wins + losses - fewer, fewer + 1));
}

/**
 * By how much the share of right answers differs (candidate less baseline, -1 to 1). With `looks: 'any'` the interval
 * holds at every look at once; with `'one'` it holds for a number of cases that was fixed before. It leaves out 0
 * exactly when {@link sequentialMcNemar} reaches 1/α, or {@link exactMcNemar} falls to α.
 *
 * The share of wins among the differing cases has its interval by inverting the test, and is scaled by the end of
 * the interval of how many cases differ that is further from a decision, so it is rather too wide than too narrow.
 *
 * @public
 */
export function pairedDifference(
  counts: PairCounts,
  options: { looks?: 'any' | 'one'; confidence?: number } = {},
): Interval {
  const { wins, losses, paired } = counts;
  const { looks = 'any', confidence = 0.95 } = options;
  const differing = wins + losses;
  assertCounts(wins, differing);
  assertCounts(differing, paired);
  if (paired === 0) {
    return { value: 0, low: -1, high: 1 };
  }
  const [low, high] =
    looks === 'any'
      ? sequentialShare(wins, losses, 1 - confidence)
      : [
          lowerBound(wins, differing, 1 - (1 - confidence) / 2),
          upperBound(wins, differing, 1 - (1 - confidence) / 2),
        ];
  const share = wilsonInterval(differing, paired, confidence);
  const scaled = (edge: number, outwards: boolean) =>
    (2 * edge - 1) * (outwards ? share.high : share.low);
  return {
    value: (wins - losses) / paired,
    low: scaled(low, low < 0.5),
    high: scaled(high, high > 0.5),
  };
}

/** Shares of wins that the evidence against does not reach 1/α for; it falls to the seen share and rises after. */
function sequentialShare(wins: number, losses: number, alpha: number) {
  const limit = Math.log(1 / alpha);
  const seen = wins + losses === 0 ? 0.5 : wins / (wins + losses);
  const edge = (outside: number) => {
    let outer = outside;
    let inner = seen;
    for (let step = 0; step < 60; step++) {
      const middle = (outer + inner) / 2;
      if (logEvidence(wins, losses, middle, 1) >= limit) {
        outer = middle;
      } else {
        inner = middle;
      }
    }
    return outer;
  };
  return [edge(0), edge(1)];
}

function logEvidence(
  wins: number,
  losses: number,
  share: number,
  spread: number,
): number {
  assertCounts(wins, wins + losses);
  // 0 · ln 0 is 0 here: what never happened says nothing against its being impossible.
  const term = (count: number, p: number) => count && count * Math.log(p);
  return (
    jStat.betaln(spread + wins, spread + losses) -
    jStat.betaln(spread, spread) -
    term(wins, share) -
    term(losses, 1 - share)
  );
}

import type { Interval } from '../types';

/**
 * What was measured of one case under one version, each trial on its own.
 *
 * @public
 */
export type Measurements = number[];

/**
 * How resampling is done; the same seed gives the same answer.
 *
 * @public
 */
export interface ResamplingOptions {
  confidence?: number;
  resamples?: number;
  seed?: number;
}

/**
 * Interval of the mean difference (candidate less baseline) of what is measured, such as milliseconds or
 * nano-USD. Cases are resampled and not trials, since trials of a case are not independent of each other; they are averaged.
 *
 * Source: B. Efron, Ann. Stat. 7 (1979), percentile interval; E. Miller, arXiv 2411.00640, on pairs and trials.
 *
 * @param pairs - of each case; those without a trial on either side are left out
 *
 * @public
 */
export function pairedBootstrap(
  pairs: { baseline: Measurements; candidate: Measurements }[],
  options: ResamplingOptions = {},
): Interval {
  const { confidence = 0.95, resamples = 2000, seed = 1 } = options;
  const differences = differencesOf(pairs);
  const count = differences.length;
  if (count === 0) {
    return { value: 0, low: -Infinity, high: Infinity };
  }
  const random = generator(seed);
  const means = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn++) {
      sum += differences[Math.floor(random() * count)];
    }
    means[sample] = sum / count;
  }
  means.sort();
  const tail = (1 - confidence) / 2;
  return {
    value: mean(differences),
    low: means[Math.floor(tail * (resamples - 1))],
    high: means[Math.ceil((1 - tail) * (resamples - 1))],
  };
}

/**
 * Probability of a mean difference at least as large if it had no direction: each case's sign is turned at random.
 * Exact up to 14 differing cases, from `resamples` seeded draws beyond.
 *
 * Source: R. A. Fisher, The Design of Experiments (1935), section 21; P. Good, Permutation Tests.
 *
 * @public
 */
export function signFlipTest(
  pairs: { baseline: Measurements; candidate: Measurements }[],
  options: ResamplingOptions = {},
): number {
  const { resamples = 5000, seed = 1 } = options;
  // A case without a difference has no sign.
  const differences = differencesOf(pairs).filter(Boolean);
  const count = differences.length;
  const seen = Math.abs(sumOf(differences)) * (1 - 1e-12);
  let asLarge = 0;
  if (count <= 14) {
    for (let signs = 0; signs < 2 ** count; signs++) {
      let sum = 0;
      for (let index = 0; index < count; index++) {
        // eslint-disable-next-line no-bitwise
        sum += (signs >> index) & 1 ? differences[index] : -differences[index];
      }
      asLarge += Math.abs(sum) >= seen ? 1 : 0;
    }
    return asLarge / 2 ** count;
  }
  const random = generator(seed);
  for (let sample = 0; sample < resamples; sample++) {
    let sum = 0;
    for (const difference of differences) {
      sum += random() < 0.5 ? difference : -difference;
    }
    asLarge += Math.abs(sum) >= seen ? 1 : 0;
  }
  return (asLarge + 1) / (resamples + 1);
}

/**
 * Numbers from 0 to below 1 that the seed fixes, so that a page shows the same interval twice. Not for secrets.
 *
 * Source: mulberry32 by T. Ettinger, public domain.
 */
export function generator(seed: number): () => number {
  let state = seed;
  /* eslint-disable no-bitwise */
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  /* eslint-enable no-bitwise */
}

function differencesOf(
  pairs: { baseline: Measurements; candidate: Measurements }[],
): number[] {
  return pairs
    .filter(
      ({ baseline, candidate }) => baseline.length > 0 && candidate.length > 0,
    )
    .map(({ baseline, candidate }) => mean(candidate) - mean(baseline));
}

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mean(values: number[]): number {
  return sumOf(values) / values.length;
}

/** How many times as much may come; which of them it is does not have to be known. */
const RISES = [3, 10];

/**
 * What a detector remembers between intervals; keep it as it is.
 *
 * @public
 */
export interface CountDetectorState {
  /** Of each rise that is looked for. */
  rises: {
    /** Evidence for it, that it began in whatever interval. */
    statistic: number;
    /** Logarithm of the evidence that it began in the interval `since`, the one from which on that is largest. */
    sinceEvidence: number;
    since: number;
    /** What came since then, and what is usual in so long. */
    count: number;
    expected: number;
  }[];
}

/**
 * What an interval usually has.
 *
 * @public
 */
export interface UsualCount {
  /** Expected, an upper bound; above 0. */
  mean: number;
  /** By which the rate differs between such intervals: variance = mean + dispersion · mean². Above 0. */
  dispersion: number;
}

/**
 * A detector that has seen nothing.
 *
 * @public
 */
export function newCountDetector(): CountDetectorState {
  return {
    rises: RISES.map(() => ({
      statistic: 0,
      sinceEvidence: 0,
      since: 0,
      count: 0,
      expected: 0,
    })),
  };
}

/**
 * Takes in an interval of what comes by itself, such as the calls of an hour. Of one that is not over yet the state is to
 * be looked at, and not to be kept: it says less than it will.
 *
 * As for {@link observeRate} M = (1 + M) · L, here with the likelihood ratio of two negative binomials: a rate of its own
 * for each interval, around what is usual or so many times that. So with {@link isSurging} at `runLength` the intervals
 * until a false alarm are at least that many on average, however different the intervals are from each other.
 *
 * Source: J. Shin, A. Ramdas and A. Rinaldo, arXiv 2203.03532 (e-detectors).
 *
 * @param interval - a number that grows by one from one interval to the next
 *
 * @public
 */
export function observeCount(
  state: CountDetectorState,
  interval: number,
  count: number,
  usual: UsualCount,
): CountDetectorState {
  if (!(usual.mean > 0 && usual.dispersion > 0)) {
    throw new RangeError('What is usual has a mean and a dispersion above 0');
  }
  const { dispersion, mean } = usual;
  return {
    rises: state.rises.map((before, index) => {
      const rise = RISES[index];
      const ratio =
        count * Math.log(rise) -
        (count + 1 / dispersion) *
          Math.log((1 + dispersion * rise * mean) / (1 + dispersion * mean));
      const goesOn = before.sinceEvidence > 0;
      return {
        // Beyond that nothing is more certain, and a number has an end.
        statistic: Math.min(
          1e300,
          (1 + before.statistic) * Math.exp(Math.min(600, ratio)),
        ),
        sinceEvidence: (goesOn ? before.sinceEvidence : 0) + ratio,
        since: goesOn ? before.since : interval,
        count: (goesOn ? before.count : 0) + count,
        expected: (goesOn ? before.expected : 0) + mean,
      };
    }),
  };
}

/**
 * Whether detectors of the same thing, together, raise their alarm. Begin them anew after an alarm.
 *
 * @param runLength - intervals until a false alarm, on average at least
 *
 * @public
 */
export function isSurging(
  states: CountDetectorState[],
  runLength: number,
): boolean {
  const all = states.flatMap(({ rises }) => rises);
  const sum = all.reduce((total, { statistic }) => total + statistic, 0);
  return sum / all.length >= runLength;
}

/**
 * The surge that is most likely: since which interval, what came since then, and what is usual in so long.
 *
 * @public
 */
export function likeliestSurge(
  states: CountDetectorState[],
): Pick<CountDetectorState['rises'][number], 'since' | 'count' | 'expected'> {
  return states
    .flatMap(({ rises }) => rises)
    .reduce((most, rise) => (rise.statistic > most.statistic ? rise : most));
}

/** By how much a rate may have risen; which of them it is does not have to be known. */
const RISES = [0.02, 0.05, 0.1, 0.2, 0.4];

/**
 * What a detector remembers between events; keep it as it is.
 *
 * @public
 */
export interface RateDetectorState {
  /** Events since the detector began. */
  events: number;
  /** Of each rise that is looked for. */
  rises: {
    /** Evidence for it, that it began at whatever event. */
    statistic: number;
    /** Logarithm of the evidence that it began after `since`, the event from which on that is largest. */
    sinceEvidence: number;
    since: number;
  }[];
}

/**
 * A detector that has seen nothing.
 *
 * @public
 */
export function newRateDetector(): RateDetectorState {
  return {
    events: 0,
    rises: RISES.map(() => ({ statistic: 0, sinceEvidence: 0, since: 0 })),
  };
}

/**
 * Takes in one event of a rate that is watched for a rise, such as a run that failed or did not.
 *
 * Of each rise M = (1 + M) · L, L the likelihood ratio of the event; the mean of M less the number of events is a
 * martingale while the rate is at most the baseline. So with {@link isRisen} at `runLength` the events until a false
 * alarm are at least that many on average, whatever is watched and without a normal approximation.
 *
 * Source: J. Shin, A. Ramdas and A. Rinaldo, arXiv 2203.03532 (e-detectors); Shiryaev (1963) and Roberts (1966).
 *
 * @param baselineRate - what the rate is at most without a change, an upper bound and not a mean; above 0, below 1
 *
 * @public
 */
export function observeRate(
  state: RateDetectorState,
  baselineRate: number,
  happened: boolean,
): RateDetectorState {
  if (!(baselineRate > 0 && baselineRate < 1)) {
    throw new RangeError(
      `The baseline is a rate above 0 and below 1, not ${baselineRate}`,
    );
  }
  const events = state.events + 1;
  const rises = state.rises.map((before, index) => {
    const risen = Math.min(baselineRate + RISES[index], (1 + baselineRate) / 2);
    const ratio = happened
      ? risen / baselineRate
      : (1 - risen) / (1 - baselineRate);
    const sinceEvidence = before.sinceEvidence + Math.log(ratio);
    return {
      statistic: (1 + before.statistic) * ratio,
      ...(sinceEvidence > 0
        ? { sinceEvidence, since: before.since }
        : { sinceEvidence: 0, since: events }),
    };
  });
  return { events, rises };
}

/**
 * Whether a detector raises its alarm. Begin it anew after an alarm.
 *
 * @param runLength - events until a false alarm, on average at least; `30 * m * eventsPerDay` for one false alarm in
 *   30 days over `m` things that are watched
 *
 * @public
 */
export function isRisen(state: RateDetectorState, runLength: number): boolean {
  const sum = state.rises.reduce((all, rise) => all + rise.statistic, 0);
  return sum / state.rises.length >= runLength;
}

/**
 * After how many events the rate most likely rose.
 *
 * @public
 */
export function risenSince(state: RateDetectorState): number {
  return state.rises.reduce((most, rise) =>
    rise.statistic > most.statistic ? rise : most,
  ).since;
}

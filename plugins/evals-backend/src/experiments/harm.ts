import {
  type ExperimentMetric,
  excessEvidence,
} from '@agentportal/plugin-evals-common';
import type { Design } from './decide';
import { amountOf, type Arms, compareMetric, METRICS } from './metrics';

/** Chance that a harmless candidate is ever rolled back. */
const ERROR = 0.05;
/** A candidate is taken away from people sooner than anything is said in its favour. */
const GUARD_PEOPLE = 1 / 3;
/** Great harm is to be seen among few people; small harm is seen later by the metric itself. */
const GUARD_KEEN_ON = 4;

/** In words, what is surely worse of what must not be. */
export function harmOf(
  design: Design,
  arms: Arms,
  { peoplePerArm, tests }: { peoplePerArm: number; tests: number },
): string | undefined {
  const watched = [...new Set([design.metric, ...design.guards])];
  const error = ERROR / watched.length / tests;
  for (const metric of watched) {
    const isShare = METRICS[metric].unit === 'share';
    const harm =
      (isShare && hurtPeople(metric, design, arms, error / 2)) ||
      worseMean(metric, design, arms, {
        error: isShare ? error / 2 : error,
        people: peoplePerArm * GUARD_PEOPLE,
      });
    if (harm) {
      return harm;
    }
  }
  return undefined;
}

/** Sees a candidate that fails nearly always, after a handful of people. */
function hurtPeople(
  metric: ExperimentMetric,
  { share }: Design,
  { baseline, candidate }: Arms,
  error: number,
): string | undefined {
  const people = {
    baseline: baseline.hurt[metric] ?? 0,
    candidate: candidate.hurt[metric] ?? 0,
  };
  if (excessEvidence(people, share) < 1 / error) {
    return undefined;
  }
  const what =
    metric === 'failures' ? 'had a failed run' : 'gave a thumbs-down';
  return `of ${candidate.units} people with the candidate ${people.candidate} ${what}, of ${baseline.units} with the version in force ${people.baseline}.`;
}

/** Sees what is worse on average, where nearly everybody is hurt now and then. */
function worseMean(
  metric: ExperimentMetric,
  { smallestDifference }: Design,
  arms: Arms,
  { error, people }: { error: number; people: number },
): string | undefined {
  // Two-sided at twice the error is one-sided at the error.
  const compared = compareMetric(metric, arms, {
    smallestDifference,
    confidence: 1 - 2 * error,
    keenOn: GUARD_KEEN_ON,
  });
  if (!compared || compared.fewestUnits < people) {
    return undefined;
  }
  const { better, tell, unit } = METRICS[metric];
  const { low, high, value } = compared.difference;
  const least = better === 'lower' ? low : -high;
  return least > (unit === 'share' ? 0 : compared.margin)
    ? `the candidate ${tell(
        amountOf(metric, value),
        value > 0,
      )}, at least ${amountOf(metric, least)}.`
    : undefined;
}

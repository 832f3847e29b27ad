import {
  type Experiment,
  type ExperimentMetric,
  type ExperimentStatus,
  type MetricComparison,
  sampleRatioCheck,
  type Verdict,
} from '@agentportal/plugin-evals-common';
import type { EvalsConfig } from '../config';
import { harmOf } from './harm';
import {
  amountOf,
  type Arms,
  type Compared,
  compareMetric,
  METRICS,
  toMetricComparison,
} from './metrics';

/** Of the share that a ramp goes through, the last of which is everybody. */
export const RAMP = [0.1, 0.25, 0.5, 1];

const HOUR_MS = 3_600_000;
/** Chance that a difference is told that is none. */
const ERROR = 0.05;
/** What a decision depends on besides figures. */
export type Design = Pick<
  Experiment,
  'metric' | 'guards' | 'smallestDifference' | 'ramp' | 'share'
> & {
  /** Milliseconds since the epoch. */
  stepAt: number;
  startedAt: number;
};

/** What the figures of an experiment come to. */
export interface Figures {
  arms: Experiment['arms'];
  sampleRatio?: Experiment['sampleRatio'];
  metrics: MetricComparison[];
  verdict: Verdict;
}

/** What changes, and the words for it. */
export interface Decision {
  status: ExperimentStatus;
  share: number;
  what: string;
}

/**
 * Looks at an experiment. It may be asked as often as anybody likes: the tests behind it err no more often
 * for that.
 */
export function decide(
  design: Design,
  arms: Arms,
  settings: EvalsConfig['experiments'],
  now: number,
): { figures: Figures; decision?: Decision } {
  const { share } = design;
  const isCompared = share < 1;
  const sampleRatio = isCompared
    ? sampleRatioCheck(
        { baseline: arms.baseline.units, candidate: arms.candidate.units },
        share,
      )
    : undefined;
  const compared = isCompared ? compareAll(design, arms) : [];
  const main = compared.find(({ metric }) => metric === design.metric);
  const verdict = verdictOf(design, arms, settings, { main, sampleRatio });
  return {
    figures: {
      arms: [
        {
          arm: 'in-force',
          people: arms.baseline.units,
          runs: arms.baseline.runs,
        },
        {
          arm: 'candidate',
          people: arms.candidate.units,
          runs: arms.candidate.runs,
        },
      ],
      ...(sampleRatio && { sampleRatio }),
      metrics: compared.map(each =>
        toMetricComparison(
          each,
          each.metric !== design.metric && design.guards.includes(each.metric),
        ),
      ),
      verdict,
    },
    decision: decisionOf(design, arms, settings, now, verdict, sampleRatio?.ok),
  };
}

/** Each step of a ramp is a test of its own. */
function stepsOf({ ramp }: Design): number {
  return ramp ? RAMP.length - 1 : 1;
}

function decisionOf(
  design: Design,
  arms: Arms,
  settings: EvalsConfig['experiments'],
  now: number,
  verdict: Verdict,
  isShared: boolean | undefined,
): Decision | undefined {
  const { ramp, share, startedAt, stepAt } = design;
  const end = (status: ExperimentStatus, what: string) => ({
    status,
    share,
    what,
  });
  const harm =
    share < 1
      ? harmOf(design, arms, {
          peoplePerArm: settings.peoplePerArm,
          tests: stepsOf(design),
        })
      : undefined;
  if (harm) {
    return end('rolled-back', `Rolled back: ${harm}`);
  }
  if (verdict.decision === 'worse') {
    return end('rolled-back', `Rolled back: ${verdict.sentence}`);
  }
  if (now - startedAt >= settings.maxDays * 24 * HOUR_MS) {
    return end(
      'completed',
      `Ended after ${settings.maxDays} days. ${verdict.sentence}`,
    );
  }
  if (!ramp) {
    return verdict.decision === 'undecided'
      ? undefined
      : end(
          'completed',
          `Ended: ${verdict.sentence}${
            verdict.decision === 'better'
              ? ' Change the file of the agent to keep the candidate.'
              : ''
          }`,
        );
  }
  const next = RAMP.find(step => step > share);
  const isDue =
    now - stepAt >= settings.stepHours * HOUR_MS &&
    Math.min(arms.baseline.units, arms.candidate.units) >=
      settings.peoplePerArm;
  return next !== undefined && isDue && isShared
    ? {
        status: 'running',
        share: next,
        what: `Nothing was harmed at ${percent(
          share,
        )}, so the candidate gets ${percent(next)}. ${verdict.sentence}`,
      }
    : undefined;
}

function compareAll(design: Design, arms: Arms): Compared[] {
  return (Object.keys(METRICS) as ExperimentMetric[])
    .map(metric =>
      compareMetric(metric, arms, {
        smallestDifference: design.smallestDifference,
        confidence: 1 - ERROR / stepsOf(design),
      }),
    )
    .filter(each => each !== undefined);
}

const UNITS: Record<MetricComparison['unit'], string> = {
  share: ' of 100',
  ms: ' s',
  'nano-usd': ' USD',
  count: '',
};

function verdictOf(
  { metric, share }: Design,
  arms: Arms,
  { peoplePerArm }: EvalsConfig['experiments'],
  of: { main?: Compared; sampleRatio?: Experiment['sampleRatio'] },
): Verdict {
  const { main, sampleRatio } = of;
  const undecided = (sentence: string, moreCases?: number): Verdict => ({
    decision: 'undecided',
    sentence,
    ...(moreCases !== undefined && { moreCases }),
  });
  if (share >= 1) {
    return undecided(
      'Everybody gets the candidate, so there is nothing to compare it with any more.',
    );
  }
  if (sampleRatio && !sampleRatio.ok) {
    return undecided(
      `Nothing can be concluded: ${percent(
        share,
      )} of people should have the candidate, but ${arms.candidate.units} of ${
        arms.candidate.units + arms.baseline.units
      } do.`,
    );
  }
  if (!main || main.fewestUnits < peoplePerArm) {
    const fewest =
      main?.fewestUnits ?? Math.min(arms.baseline.units, arms.candidate.units);
    return undecided(
      metric === 'feedback'
        ? `It takes ratings of ${peoplePerArm} people with each version.`
        : `It takes ${peoplePerArm} people with each version, and ${arms.candidate.units} have asked the candidate and ${arms.baseline.units} the version in force.`,
      Math.max(1, peoplePerArm - fewest),
    );
  }
  const { low, high, value } = main.difference;
  const { better, tell } = METRICS[metric];
  const said = (difference: number) => amountOf(metric, difference);
  if (low > 0 || high < 0) {
    const [least, most] = low > 0 ? [low, high] : [-high, -low];
    return {
      decision: low > 0 === (better === 'higher') ? 'better' : 'worse',
      sentence: `The candidate ${tell(said(value), value > 0)} (${said(
        least,
      )} to ${said(most)}).`,
    };
  }
  if (-low <= main.margin && high <= main.margin) {
    return {
      decision: 'no-difference',
      sentence: `No difference that matters: it is less than ${said(
        main.margin,
      )}${UNITS[main.unit]}.`,
    };
  }
  // Intervals narrow with the root of the number of people.
  const wanted = Math.max(Math.abs(value), main.margin);
  const moreCases = Math.ceil(
    main.fewestUnits * Math.max(0.1, ((high - low) / 2 / wanted) ** 2 - 1),
  );
  return undecided(
    `The candidate ${tell(
      said(value),
      value > 0,
    )}, which may be chance. About ${moreCases} more people with each version would decide.`,
    moreCases,
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

import {
  alwaysValidDifference,
  type ArmEstimate,
  armEstimate,
  armShareEstimate,
  type ExperimentMetric,
  type Interval,
  type MetricComparison,
  type UnitSums,
} from '@agentportal/plugin-evals-common';

/** What each person of an arm did, summed over people. */
export interface ArmSums {
  /** People, or conversations where there are none. */
  units: number;
  runs: number;
  metrics: Record<ExperimentMetric, UnitSums>;
  /** People who had a failed run, and who gave a thumbs-down. */
  hurt: Partial<Record<ExperimentMetric, number>>;
}

/** Both arms of an experiment. */
export interface Arms {
  baseline: ArmSums;
  candidate: ArmSums;
}

/** How each metric is read and told. */
export const METRICS: Record<
  ExperimentMetric,
  Pick<MetricComparison, 'unit' | 'better'> & {
    /** What the candidate does, with how much more or less. */
    tell: (amount: string, more: boolean) => string;
  }
> = {
  failures: {
    unit: 'share',
    better: 'lower',
    tell: (amount, more) =>
      `fails in ${amount} ${more ? 'more' : 'fewer'} of 100 runs`,
  },
  feedback: {
    unit: 'share',
    better: 'higher',
    tell: (amount, more) =>
      `gets ${amount} ${more ? 'more' : 'fewer'} thumbs-up in 100 ratings`,
  },
  latency: {
    unit: 'ms',
    better: 'lower',
    tell: (amount, more) => `answers ${amount} s ${more ? 'later' : 'earlier'}`,
  },
  cost: {
    unit: 'nano-usd',
    better: 'lower',
    tell: (amount, more) =>
      `costs ${amount} USD ${more ? 'more' : 'less'} a run`,
  },
};

/** One metric of both arms, with an interval that may be looked at daily. */
export interface Compared extends MetricComparison {
  metric: ExperimentMetric;
  /** How many people each arm has of whom something was measured, of the smaller arm. */
  fewestUnits: number;
  /** Below this a difference does not matter; in the metric's unit. */
  margin: number;
}

/**
 * Compares one metric.
 *
 * @param options.smallestDifference - that matters: of a share in itself, of time and cost as a share of the mean
 * @returns undefined while nothing can be said
 */
export function compareMetric(
  metric: ExperimentMetric,
  arms: Arms,
  options: {
    smallestDifference: number;
    confidence: number;
    /** How many times that difference the test is most sensitive to; 1 unless given. */
    keenOn?: number;
  },
): Compared | undefined {
  const { unit, better } = METRICS[metric];
  const estimate = unit === 'share' ? armShareEstimate : armEstimate;
  const [baseline, candidate]: ArmEstimate[] = [
    estimate(arms.baseline.metrics[metric]),
    estimate(arms.candidate.metrics[metric]),
  ];
  const margin =
    options.smallestDifference *
    (unit === 'share' ? 1 : baseline.mean || candidate.mean);
  if (!(margin > 0)) {
    return undefined;
  }
  const { difference, pValue } = alwaysValidDifference(baseline, candidate, {
    tau: margin * (options.keenOn ?? 1),
    confidence: options.confidence,
  });
  if (!Number.isFinite(difference.low) || !Number.isFinite(difference.high)) {
    return undefined;
  }
  return {
    metric,
    unit,
    better,
    baseline: baseline.mean,
    candidate: candidate.mean,
    difference: unit === 'share' ? withinShares(difference) : difference,
    pValue,
    samples: arms.baseline.metrics[metric].n + arms.candidate.metrics[metric].n,
    fewestUnits: Math.min(baseline.units, candidate.units),
    margin,
  };
}

/** What an API gives out of it. */
export function toMetricComparison(
  { fewestUnits: _units, margin: _margin, ...comparison }: Compared,
  guard: boolean,
): MetricComparison {
  return { ...comparison, ...(guard && { guard }) };
}

/** An amount of a metric in the unit that people read, without its sign. */
export function amountOf(metric: ExperimentMetric, value: number): string {
  const size = Math.abs(value);
  switch (METRICS[metric].unit) {
    case 'share':
      return rounded(size * 100);
    case 'ms':
      return rounded(size / 1_000);
    default:
      return rounded(size / 1e9);
  }
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function withinShares({ value, low, high }: Interval): Interval {
  return { value, low: Math.max(-1, low), high: Math.min(1, high) };
}

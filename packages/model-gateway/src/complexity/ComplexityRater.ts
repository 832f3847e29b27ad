import type { ComplexityTier } from '../directory/model';
import type { JsonObject } from '../providers/ModelProvider';
import { TIERS } from '../routing/complexity';
import { explainComplexity } from './explain';
import { readFeatures } from './features';
import { CUTS, INTERCEPT, WEIGHTS } from './weights';

/**
 * How hard a request is.
 *
 * @public
 */
export interface Complexity {
  /** From 0, trivial, to 1. */
  score: number;
  /** The weakest models that should answer it well. */
  tier: ComplexityTier;
  /** How likely it is that the tier is strong enough, from 0 to 1. */
  certainty: number;
  /** One short sentence out of few, so that ledgers can share them. */
  why: string;
}

/**
 * Up to which score a tier serves; above the last one only `reasoning` does.
 * The three never decrease.
 *
 * @public
 */
export type TierThresholds = readonly [
  simple: number,
  medium: number,
  complex: number,
];

/**
 * A tier is taken when it is strong enough with this probability; a request that
 * a weak model answers badly costs more than the call that it saved.
 */
const SURE_ENOUGH = 0.75;

/** So far from a cut a tier is sure enough. */
const CAUTION = logit(SURE_ENOUGH);

/** Spreads the scores, so that each tier has a fair part of those from 0 to 1. */
const SPREAD = 2.5;

/**
 * The thresholds of tenants that nothing is known of.
 *
 * @public
 */
export const DEFAULT_TIER_THRESHOLDS: TierThresholds = [
  sigmoid((CUTS[0] - CAUTION) / SPREAD),
  sigmoid((CUTS[1] - CAUTION) / SPREAD),
  sigmoid((CUTS[2] - CAUTION) / SPREAD),
];

/**
 * Rates how hard requests are, by their words and shape and without a model: an
 * ordinal logistic model over a few dozen features. It takes some microseconds
 * and looks at the last thing that the person said, at most at 16 kB of it.
 *
 * @public
 */
export class ComplexityRater {
  #tenants: ReadonlyMap<string, TierThresholds> = new Map();

  /** Replaces the thresholds of all tenants; one without has the default. */
  setThresholds(tenants: ReadonlyMap<string, TierThresholds>): void {
    this.#tenants = tenants;
  }

  /** The thresholds by which requests of a tenant are rated. */
  thresholdsOf(tenant: string = 'default'): TierThresholds {
    return this.#tenants.get(tenant) ?? DEFAULT_TIER_THRESHOLDS;
  }

  /** The tier of a score that was given before. */
  tierOf(score: number, tenant?: string): ComplexityTier {
    return TIERS[tierIndex(score, this.thresholdsOf(tenant))];
  }

  /**
   * @param body - a request in OpenAI's chat form
   * @param tenant - whose thresholds apply: the owner of the agent, or `default`
   */
  rate(body: JsonObject, tenant?: string): Complexity {
    const features = readFeatures(body);
    let z = INTERCEPT;
    for (let index = 0; index < features.length; index += 1) {
      z += features[index] * WEIGHTS[index];
    }
    const score = sigmoid(z / SPREAD);
    const thresholds = this.thresholdsOf(tenant);
    const index = tierIndex(score, thresholds);
    return {
      score,
      tier: TIERS[index],
      certainty:
        index === 3
          ? 1
          : sigmoid(SPREAD * logit(thresholds[index]) + CAUTION - z),
      why: explainComplexity(features),
    };
  }
}

function tierIndex(score: number, thresholds: TierThresholds): number {
  const at = thresholds.findIndex(threshold => score <= threshold);
  return at < 0 ? thresholds.length : at;
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** Thresholds may be 0 or 1, where it is infinite and the tier is never or always. */
function logit(p: number): number {
  return Math.log(p / (1 - p));
}

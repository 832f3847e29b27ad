import type { ComplexityTier } from '../directory/model';
import type { JsonObject } from '../providers/ModelProvider';

/** The tiers, the easiest first. */
export const TIERS: readonly ComplexityTier[] = [
  'simple',
  'medium',
  'complex',
  'reasoning',
];

/** Below this the tier is rather a guess, and the next higher one is taken. */
const SURE = 0.5;

/** What a candidate is trusted with that says nothing. */
const UNTOLD: ComplexityTier = 'medium';

/**
 * How hard a request is.
 *
 * @public
 */
export interface ComplexityRating {
  /** From 0, trivial, to 1. */
  score: number;
  tier: ComplexityTier;
  /** How likely the tier is the right one, from 0 to 1; absent means sure. */
  certainty?: number;
  /** One short sentence. */
  why: string;
}

/**
 * Rates how hard requests are. It is on the path of every call by a route, so it
 * must take microseconds.
 *
 * @public
 */
export interface RatesComplexity {
  /** @param tenant - whose calibration applies: the owner of the agent */
  rate(body: JsonObject, tenant?: string): ComplexityRating;
}

/** Rating takes longer with the last words of the person; these take little. */
const QUICK_CHARS = 2_000;

/**
 * Whether a request is rated for the record only, where nothing depends on it.
 * Long texts cost more than the rest of routing, so they are not.
 */
export function isQuickToRate(body: JsonObject): boolean {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const last = messages.findLast(message => message?.role === 'user');
  const content: unknown = last?.content;
  return typeof content === 'string'
    ? content.length <= QUICK_CHARS
    : Array.isArray(content) &&
        content.every(part => String(part?.text ?? '').length <= QUICK_CHARS);
}

/** The tier that a model must be trusted with to get a request. */
export function tierFor(
  rating: ComplexityRating | undefined,
  atLeast: ComplexityTier = 'simple',
): ComplexityTier {
  const rated = rating ? rankOf(rating.tier) : 0;
  const unsure = rating?.certainty !== undefined && rating.certainty < SURE;
  const rank = Math.min(rated + (unsure ? 1 : 0), TIERS.length - 1);
  return TIERS[Math.max(rank, rankOf(atLeast))];
}

/** From 0 for the easiest. */
export function rankOf(tier: ComplexityTier | undefined): number {
  return TIERS.indexOf(tier ?? UNTOLD);
}

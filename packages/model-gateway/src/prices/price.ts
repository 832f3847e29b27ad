import type { ServedAs } from '../usage/served';
import { inputTokens, type TokenUsage } from '../usage/tokenUsage';
import { type Unit, UNITS } from '../usage/units';
import { rateIn, USAGE_PARTS } from './rates';

/**
 * A price in integer nano-USD (1e-9 USD) per million tokens.
 *
 * @public
 */
export interface TokenRate {
  nanoUsdPerMillion: number;
  /** Rates for long contexts, from the shortest to the longest. */
  tiers?: Array<{ aboveInputTokens: number; nanoUsdPerMillion: number }>;
  /**
   * Whether a tier is for the tokens of the part that are above its threshold.
   * Otherwise, as most providers have it, it is for the whole call once all of
   * its input passes the threshold.
   */
  marginal?: boolean;
}

/**
 * The rates of the parts of a usage.
 *
 * @public
 */
export interface PriceRates {
  input: TokenRate;
  output: TokenRate;
  cacheRead?: TokenRate;
  /** Kept for the usual time, five minutes or so. */
  cacheWrite?: TokenRate;
  /** Kept for an hour. */
  cacheWrite1h?: TokenRate;
  cacheReadAudio?: TokenRate;
  cacheReadImage?: TokenRate;
  inputAudio?: TokenRate;
  inputImage?: TokenRate;
  reasoning?: TokenRate;
  outputAudio?: TokenRate;
  outputImage?: TokenRate;
}

/**
 * What a service tier changes: rates of its own where it has them, and a part of
 * the standard rate for all others.
 *
 * @public
 */
export interface TierPrice {
  rates?: Partial<PriceRates>;
  /** Of the standard rate, 500 being half. Default is 1000. */
  perMille?: number;
}

/**
 * The price of a model. Parts without a rate of their own cost what the next
 * more general part costs, in the end what plain input or output costs.
 *
 * @public
 */
export interface Price extends PriceRates {
  /** Where the price comes from and which edition; kept on every ledger row. */
  version: string;
  /** By the name of the service tier: `flex`, `priority`, `batch`. */
  serviceTiers?: Readonly<Record<string, TierPrice>>;
  /** What all tokens cost in a place, of their usual price; 1100 is 10 % more. */
  geoPerMille?: Readonly<Record<string, number>>;
  /** Integer nano-USD for each call. */
  requestNanoUsd?: number;
  /** Integer nano-USD for each search that the provider makes. */
  webSearchNanoUsd?: number;
  /** Integer nano-USD for a million of each unit. */
  units?: Readonly<Partial<Record<Unit, number>>>;
  /** Milliseconds since the epoch; the price holds from then on. */
  validFrom?: number;
  /** Milliseconds since the epoch; the price does not hold from then on. */
  validTo?: number;
}

/** The version of calls to models whose price nobody told; they count as 0. */
export const UNPRICED = 'unpriced';

/** Rates are per million tokens, service tiers and places per mille. */
const UNIT = 1_000_000n * 1_000n * 1_000n;

/**
 * The cost of a call in integer nano-USD, rounded half up once, on the sum.
 *
 * @param served - how the provider served it; the standard tier if left out
 * @public
 */
export function costNanoUsd(
  price: Price | undefined,
  usage: TokenUsage,
  served: ServedAs = {},
): number {
  if (!price) {
    return 0;
  }
  const input = inputTokens(usage);
  const tier =
    served.serviceTier === undefined
      ? undefined
      : price.serviceTiers?.[served.serviceTier];
  let tokens = 0n;
  for (const { part, rates } of USAGE_PARTS) {
    const count = usage[part];
    if (count) {
      const { rate, perMille } = rateIn(price, tier, rates);
      tokens += chargeFor(count, rate, input) * BigInt(perMille);
    }
  }
  const geo =
    served.inferenceGeo === undefined
      ? undefined
      : price.geoPerMille?.[served.inferenceGeo];
  const fees =
    BigInt(price.requestNanoUsd ?? 0) +
    BigInt(price.webSearchNanoUsd ?? 0) * BigInt(usage.webSearches ?? 0);
  const sum =
    tokens * BigInt(geo ?? 1_000) +
    fees * UNIT +
    chargeForUnits(price, usage) * (UNIT / 1_000_000n);
  return toSafe((sum + UNIT / 2n) / UNIT);
}

/** What units cost, in nano-USD times a million. */
export function chargeForUnits(price: Price, usage: TokenUsage): bigint {
  let sum = 0n;
  for (const unit of price.units ? UNITS : []) {
    sum += BigInt(usage[unit] ?? 0) * BigInt(price.units?.[unit] ?? 0);
  }
  return sum;
}

/** What tokens of one part cost, in nano-USD times a million. */
function chargeFor(count: number, rate: TokenRate, input: number): bigint {
  if (!rate.tiers) {
    return BigInt(count) * BigInt(rate.nanoUsdPerMillion);
  }
  if (!rate.marginal) {
    let current = rate.nanoUsdPerMillion;
    for (const tier of rate.tiers) {
      if (input > tier.aboveInputTokens) {
        current = tier.nanoUsdPerMillion;
      }
    }
    return BigInt(count) * BigInt(current);
  }
  let sum = 0n;
  let from = 0;
  let current = rate.nanoUsdPerMillion;
  for (const tier of rate.tiers) {
    const upTo = Math.min(count, tier.aboveInputTokens);
    sum += BigInt(Math.max(0, upTo - from)) * BigInt(current);
    from = Math.max(from, upTo);
    current = tier.nanoUsdPerMillion;
  }
  return sum + BigInt(count - from) * BigInt(current);
}

/** Money that a number can hold exactly. */
export function toSafe(nanoUsd: bigint): number {
  return nanoUsd > BigInt(Number.MAX_SAFE_INTEGER)
    ? Number.MAX_SAFE_INTEGER
    : Number(nanoUsd);
}

import type { TokenUsage } from '../usage/tokenUsage';
import {
  chargeForUnits,
  type Price,
  type TierPrice,
  type TokenRate,
  toSafe,
} from './price';
import { rateIn, type RatePart } from './rates';
import { ANY_REACH, type PriceReach } from './reach';

/** Rates are per million tokens, service tiers and places per mille. */
const UNIT = 1_000_000n * 1_000n * 1_000n;

/**
 * The most that a call can cost: its tokens at the dearest rate that may apply
 * to them, rounded up. Tiers that the input cannot reach do not count, nor
 * service tiers and parts that the request cannot get.
 *
 * @returns integer nano-USD, at most the largest safe integer
 */
export function upperBoundNanoUsd(
  price: Price | undefined,
  most: {
    inputTokens: number;
    outputTokens: number;
    /** What the request may get. Default is all parts in the standard tier. */
    reach?: PriceReach;
    /** The most units of what is not paid by tokens. */
    units?: TokenUsage;
  },
): number {
  if (!price) {
    return 0;
  }
  const reach = most.reach ?? ANY_REACH;
  const tiers: Array<TierPrice | undefined> = [
    undefined,
    ...reach.serviceTiers.flatMap(name => price.serviceTiers?.[name] ?? []),
  ];
  const dearest = (chains: RatePart[][]) => {
    let result = 0n;
    for (const tier of tiers) {
      for (const rates of chains) {
        const { rate, perMille } = rateIn(price, tier, rates);
        const value = dearestOf(rate, most.inputTokens) * BigInt(perMille);
        result = value > result ? value : result;
      }
    }
    return result;
  };
  const tokens =
    BigInt(most.inputTokens) * dearest(inputChains(reach)) +
    BigInt(most.outputTokens) * dearest(outputChains(reach));
  const fees =
    BigInt(price.requestNanoUsd ?? 0) +
    BigInt(price.webSearchNanoUsd ?? 0) * BigInt(reach.webSearches);
  const units = most.units ? chargeForUnits(price, most.units) : 0n;
  const sum =
    tokens * dearestPlace(price, reach) +
    fees * UNIT +
    units * (UNIT / 1_000_000n);
  return toSafe((sum + UNIT - 1n) / UNIT);
}

function inputChains(reach: PriceReach): RatePart[][] {
  const chains: RatePart[][] = [
    ['input'],
    ['cacheRead', 'input'],
    ['cacheWrite', 'input'],
  ];
  if (reach.cacheWrite1h) {
    chains.push(['cacheWrite1h', 'cacheWrite', 'input']);
  }
  if (reach.inputAudio) {
    chains.push(
      ['inputAudio', 'input'],
      ['cacheReadAudio', 'cacheRead', 'inputAudio', 'input'],
    );
  }
  if (reach.inputImage) {
    chains.push(
      ['inputImage', 'input'],
      ['cacheReadImage', 'cacheRead', 'inputImage', 'input'],
    );
  }
  return chains;
}

/** Models that paint do so unasked, so a price of pictures always counts. */
function outputChains(reach: PriceReach): RatePart[][] {
  const chains: RatePart[][] = [
    ['output'],
    ['reasoning', 'output'],
    ['outputImage', 'output'],
  ];
  if (reach.outputAudio) {
    chains.push(['outputAudio', 'output']);
  }
  return chains;
}

function dearestOf(rate: TokenRate, input: number): bigint {
  let result = rate.nanoUsdPerMillion;
  for (const tier of rate.tiers ?? []) {
    if (input > tier.aboveInputTokens && tier.nanoUsdPerMillion > result) {
      result = tier.nanoUsdPerMillion;
    }
  }
  return BigInt(result);
}

function dearestPlace(price: Price, reach: PriceReach): bigint {
  let result = 1_000;
  for (const [geo, perMille] of Object.entries(price.geoPerMille ?? {})) {
    if (!reach.inferenceGeos || reach.inferenceGeos.includes(geo)) {
      result = Math.max(result, perMille);
    }
  }
  return BigInt(result);
}

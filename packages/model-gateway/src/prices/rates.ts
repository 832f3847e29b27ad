import type { TokenUsage } from '../usage/tokenUsage';
import type { Unit } from '../usage/units';
import type { Price, PriceRates, TierPrice, TokenRate } from './price';

/**
 * The name of a rate.
 *
 * @public
 */
export type RatePart = keyof PriceRates;

/**
 * Names of all rates, in the order in which people read them.
 *
 * @public
 */
export const RATE_PARTS: readonly RatePart[] = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'cacheReadAudio',
  'cacheReadImage',
  'inputAudio',
  'inputImage',
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
];

/** The parts of a usage that have a rate, and the rates that may be theirs. */
export const USAGE_PARTS: ReadonlyArray<{
  part: Exclude<keyof TokenUsage, 'webSearches' | Unit>;
  rates: readonly RatePart[];
}> = [
  { part: 'inputUncached', rates: ['input'] },
  { part: 'cacheRead', rates: ['cacheRead', 'input'] },
  { part: 'cacheWrite', rates: ['cacheWrite', 'input'] },
  { part: 'cacheWrite1h', rates: ['cacheWrite1h', 'cacheWrite', 'input'] },
  {
    part: 'cacheReadAudio',
    rates: ['cacheReadAudio', 'cacheRead', 'inputAudio', 'input'],
  },
  {
    part: 'cacheReadImage',
    rates: ['cacheReadImage', 'cacheRead', 'inputImage', 'input'],
  },
  { part: 'inputAudio', rates: ['inputAudio', 'input'] },
  { part: 'inputImage', rates: ['inputImage', 'input'] },
  { part: 'outputText', rates: ['output'] },
  { part: 'reasoning', rates: ['reasoning', 'output'] },
  { part: 'outputAudio', rates: ['outputAudio', 'output'] },
  { part: 'outputImage', rates: ['outputImage', 'output'] },
];

/** The rate of a part in a service tier, and the part of it that is charged. */
export function rateIn(
  price: Price,
  tier: TierPrice | undefined,
  rates: readonly RatePart[],
): { rate: TokenRate; perMille: number } {
  for (const name of rates) {
    const own = tier?.rates?.[name];
    if (own) {
      return { rate: own, perMille: 1_000 };
    }
    const standard = price[name];
    if (standard) {
      return { rate: standard, perMille: tier?.perMille ?? 1_000 };
    }
  }
  throw new Error(`A price has no rate for ${rates.join(' or ')}`);
}

import { calcPrice, type ModelPrice } from '@pydantic/genai-prices';
import { scaledDecimal } from './decimal';
import type { Price, PriceRates, TokenRate } from './price';
import { versioned } from './priceDigest';
import { publisherTiers } from './publisherTiers';
import type { RatePart } from './rates';

/** Edition of the list that is bundled with the dependency, and its month. */
export const EDITION = 'genai-prices 0.1.8 2026-09';

/**
 * What the published list knows about a model.
 *
 * @public
 */
export interface PublishedModel {
  price: Price;
  name?: string;
  /** Tokens. */
  contextWindow?: number;
}

const KEYS: ReadonlyArray<[RatePart, string]> = [
  ['cacheRead', 'cache_read_mtok'],
  ['cacheWrite', 'cache_write_mtok'],
  ['cacheWrite1h', 'cache_write_1h_mtok'],
  ['cacheReadAudio', 'cache_audio_read_mtok'],
  ['cacheReadImage', 'cache_image_read_mtok'],
  ['inputAudio', 'input_audio_mtok'],
  ['inputImage', 'input_image_mtok'],
  ['reasoning', 'output_reasoning_mtok'],
  ['outputAudio', 'output_audio_mtok'],
  ['outputImage', 'output_image_mtok'],
];

/**
 * Reads a model from the price list of `@pydantic/genai-prices` as it stands at
 * a moment (ms since the epoch): the list has prices with a date and with hours
 * of the day. `undefined` when it does not know the model.
 */
export function readPublishedModel(
  publisher: string,
  modelId: string,
  at: number,
): PublishedModel | undefined {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, {
    providerId: publisher,
    timestamp: new Date(at),
  });
  if (!found) {
    return undefined;
  }
  const prices = found.model_price;
  const input = rate(prices, 'input_mtok');
  const output = rate(prices, 'output_mtok');
  if (!input && !output) {
    return undefined;
  }
  const free: TokenRate = { nanoUsdPerMillion: 0 };
  const request = fee(prices, 'requests_kcount');
  const search = fee(prices, 'web_searches_kcount');
  return {
    name: found.model.name,
    contextWindow: found.model.context_window,
    price: versioned(EDITION, {
      input: input ?? free,
      output: output ?? free,
      ...otherRates(prices),
      ...(request && { requestNanoUsd: request }),
      ...(search && { webSearchNanoUsd: search }),
      ...publisherTiers(publisher, found.model.id),
    }),
  };
}

function otherRates(prices: ModelPrice): Partial<PriceRates> {
  const result: Partial<PriceRates> = {};
  for (const [part, key] of KEYS) {
    const found = rate(prices, key);
    if (found) {
      result[part] = found;
    }
  }
  return result;
}

/** The list's tiers are for the whole call once its input passes their start. */
function rate(prices: ModelPrice, key: string): TokenRate | undefined {
  const value = prices[key];
  if (value === undefined) {
    return undefined;
  }
  if (typeof value === 'number') {
    return { nanoUsdPerMillion: nanoUsd(value) };
  }
  return {
    nanoUsdPerMillion: nanoUsd(value.base),
    tiers: [...value.tiers]
      .sort((a, b) => a.start - b.start)
      .map(tier => ({
        aboveInputTokens: tier.start,
        nanoUsdPerMillion: nanoUsd(tier.price),
      })),
  };
}

/** The list has fees for a thousand. */
function fee(prices: ModelPrice, key: string): number | undefined {
  const value = prices[key];
  return typeof value === 'number' ? scaledDecimal(value, 6) : undefined;
}

function nanoUsd(usd: number): number {
  const exact = scaledDecimal(usd, 9);
  if (exact === undefined) {
    throw new Error(`The published list has a price of ${usd} USD`);
  }
  return exact;
}

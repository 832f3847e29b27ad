import { calcPrice, type ModelPrice } from '@pydantic/genai-prices';
import type { Price, TokenRate } from './price';

/** Edition of the list that is bundled with the dependency. */
const EDITION = 'genai-prices 0.1';

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

/**
 * Reads a model from the price list of `@pydantic/genai-prices` as it stands at
 * a moment (ms since the epoch). `undefined` when the list does not know it.
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
  return {
    name: found.model.name,
    contextWindow: found.model.context_window,
    price: {
      input: input ?? free,
      output: output ?? free,
      cacheRead: rate(prices, 'cache_read_mtok'),
      cacheWrite: rate(prices, 'cache_write_mtok'),
      reasoning: rate(prices, 'output_reasoning_mtok'),
      version: EDITION,
    },
  };
}

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
    tiers: value.tiers.map(tier => ({
      aboveInputTokens: tier.start,
      nanoUsdPerMillion: nanoUsd(tier.price),
    })),
  };
}

function nanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}

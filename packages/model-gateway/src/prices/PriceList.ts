import type { Price } from './price';
import type { ModelKey } from './PriceBook';

/**
 * A list of prices that was imported.
 *
 * @public
 */
export interface PriceList {
  priceOf(model: ModelKey): Price | undefined;
  /** What else the list knows about a model. */
  about?(model: ModelKey): ListedFacts | undefined;
}

/**
 * What a list knows about a model besides its price. Sizes are in tokens.
 *
 * @public
 */
export interface ListedFacts {
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities?: string[];
}

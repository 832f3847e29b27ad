import type { Clock } from '../ports';
import type { Price } from './price';
import { type PublishedModel, readPublishedModel } from './publishedPrices';

const MINUTE_MS = 60_000;
const MAX_CACHED = 5_000;

/**
 * Knows what a model costs: the operator's own price first, then the price that
 * its catalog entity declares, then the published price list.
 *
 * @public
 */
export class PriceBook {
  readonly #clock: Clock;
  readonly #configured: ReadonlyMap<string, Price>;
  #declared: ReadonlyMap<string, Price> = new Map();
  /** Published prices may change with the hour (off-peak), so for a minute. */
  readonly #published = new Map<
    string,
    { until: number; model?: PublishedModel }
  >();

  constructor(options: {
    clock: Clock;
    /** Prices from the operator's configuration, by gateway model id. */
    configured?: ReadonlyMap<string, Price>;
  }) {
    this.#clock = options.clock;
    this.#configured = options.configured ?? new Map();
  }

  /** Replaces the prices that catalog entities declare, by gateway model id. */
  setDeclared(prices: ReadonlyMap<string, Price>): void {
    this.#declared = prices;
  }

  /** The price of a model now, or `undefined` when nobody told one. */
  priceOf(model: ModelKey): Price | undefined {
    return (
      this.#configured.get(model.id) ??
      this.#declared.get(model.id) ??
      this.published(model)?.price
    );
  }

  /** What the published list says about a model: price and context window. */
  published(model: ModelKey): PublishedModel | undefined {
    const now = this.#clock.now();
    const known = this.#published.get(model.id);
    if (known && known.until > now) {
      return known.model;
    }
    if (this.#published.size >= MAX_CACHED) {
      this.#published.clear();
    }
    const found = model.publisher
      ? readPublishedModel(model.publisher, model.modelId, now)
      : undefined;
    this.#published.set(model.id, { until: now + MINUTE_MS, model: found });
    return found;
  }
}

/**
 * What a model is looked up by.
 *
 * @public
 */
export interface ModelKey {
  /** Gateway id, `provider/model`. */
  id: string;
  /** The model's id at its provider. */
  modelId: string;
  /** The provider's name in the price list; without it nothing is looked up. */
  publisher?: string;
}

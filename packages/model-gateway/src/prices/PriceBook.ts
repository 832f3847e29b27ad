import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports';
import type { Price } from './price';
import { type PublishedModel, readPublishedModel } from './publishedPrices';

const MINUTE_MS = 60_000;
const MAX_CACHED = 5_000;

/** Of what runs on machines that are paid for anyway. */
const FREE: Price = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 0 },
  version: 'free',
};

/**
 * Knows what a model costs: the operator's own price first, then the price that
 * its catalog entity declares, then the lists that were imported, in their
 * order, then the published list that comes with the gateway.
 *
 * @public
 */
export class PriceBook {
  readonly #clock: Clock;
  readonly #free: ReadonlySet<string>;
  readonly #configured: ReadonlyMap<string, Price | readonly Price[]>;
  #declared: ReadonlyMap<string, Price> = new Map();
  #lists: readonly PriceList[] = [];
  /** Prices change on the minute if ever, so what was found holds until then. */
  readonly #known = new LRUCache<string, Known>({ max: MAX_CACHED });

  constructor(options: {
    clock: Clock;
    /**
     * Prices from the operator's configuration, by gateway model id. Of several
     * the last one that holds now counts.
     */
    configured?: ReadonlyMap<string, Price | readonly Price[]>;
    /** Ids of providers whose models cost nothing where no price is told. */
    free?: ReadonlySet<string>;
  }) {
    this.#clock = options.clock;
    this.#free = options.free ?? new Set();
    this.#configured = options.configured ?? new Map();
  }

  /** Replaces the prices that catalog entities declare, by gateway model id. */
  setDeclared(prices: ReadonlyMap<string, Price>): void {
    this.#declared = prices;
    this.#known.clear();
  }

  /** Replaces the imported lists; the first that knows a model counts. */
  setLists(lists: readonly PriceList[]): void {
    this.#lists = lists;
    this.#known.clear();
  }

  /** The price of a model now, or `undefined` when nobody told one. */
  priceOf(model: ModelKey): Price | undefined {
    return this.#look(model).price;
  }

  /** What the published list says about a model: price and context window. */
  published(model: ModelKey): PublishedModel | undefined {
    return this.#look(model).published;
  }

  /** What the imported lists say about a model besides its price. */
  imported(model: ModelKey): ListedFacts | undefined {
    for (const list of this.#lists) {
      const facts = list.about?.(model);
      if (facts) {
        return facts;
      }
    }
    return undefined;
  }

  #look(model: ModelKey): Known {
    const now = this.#clock.now();
    const known = this.#known.get(model.id);
    if (known && known.until > now) {
      return known;
    }
    const found = this.#find(model, now);
    this.#known.set(model.id, found);
    return found;
  }

  #find(model: ModelKey, now: number): Known {
    const published = model.publisher
      ? readPublishedModel(model.publisher, model.modelId, now)
      : undefined;
    return {
      until: (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS,
      published,
      price:
        validAt(this.#configured.get(model.id), now) ??
        this.#declared.get(model.id) ??
        this.#imported(model) ??
        published?.price ??
        (this.#free.has(model.id.slice(0, model.id.indexOf('/')))
          ? FREE
          : undefined),
    };
  }

  #imported(model: ModelKey): Price | undefined {
    for (const list of this.#lists) {
      const price = list.priceOf(model);
      if (price) {
        return price;
      }
    }
    return undefined;
  }
}

function validAt(
  prices: Price | readonly Price[] | undefined,
  now: number,
): Price | undefined {
  return (Array.isArray(prices) ? prices : [prices]).findLast(
    (price?: Price) =>
      price !== undefined &&
      (price.validFrom ?? -Infinity) <= now &&
      now < (price.validTo ?? Infinity),
  );
}

interface Known {
  /** Milliseconds since the epoch. */
  until: number;
  price?: Price;
  published?: PublishedModel;
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

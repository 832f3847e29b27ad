import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { Price } from '@agentportal/model-gateway';
import type {
  ModelPriceHistory,
  ModelPriceVersion,
} from '@agentportal/plugin-models-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { z } from 'zod/v4';
import { describePrice } from './describePrice';
import type { ModelPrices } from './ModelPrices';
import type { PriceHistory, PriceVersion } from './PriceHistory';

const DEFAULT_LIMIT = 25;

const position = z.object({
  lastSeenAt: z.number().int(),
  id: z.number().int(),
});

interface PricesApiOptions {
  prices: ModelPrices;
  history: PriceHistory;
  /** Takes notice of prices that hold now. */
  observe: (prices: Array<[string, Price]>) => Promise<void>;
  /** Finds a model that the caller may see, or refuses. */
  readableId: (
    name: string,
    credentials: BackstageCredentials,
  ) => Promise<string>;
}

/** What models cost and have cost. */
export class PricesApi {
  readonly #prices: ModelPrices;
  readonly #history: PriceHistory;
  readonly #observe: (prices: Array<[string, Price]>) => Promise<void>;
  readonly #readableId: PricesApiOptions['readableId'];

  constructor(options: PricesApiOptions) {
    this.#prices = options.prices;
    this.#history = options.history;
    this.#observe = options.observe;
    this.#readableId = options.readableId;
  }

  async list(
    name: string,
    query: { limit?: number; cursor?: string },
    credentials: BackstageCredentials,
  ): Promise<ModelPriceHistory> {
    const id = await this.#readableId(name, credentials);
    const price = this.#prices.of(id);
    if (price) {
      // It may have begun to hold since the history was last brought up to date.
      await this.#observe([[id, price]]);
    }
    const { items, next } = await this.#history.versions(id, {
      limit: query.limit ?? DEFAULT_LIMIT,
      after: decodeCursor(query.cursor, position),
    });
    return {
      current: price
        ? { version: price.version, price: describePrice(price) }
        : null,
      items: items.map(item => toJson(item, price?.version)),
      ...(next && { nextCursor: encodeCursor(next) }),
    };
  }
}

function toJson(item: PriceVersion, current?: string): ModelPriceVersion {
  return {
    version: item.version,
    price: describePrice(item.price),
    current: item.version === current,
    firstSeenAt: new Date(item.firstSeenAt).toISOString(),
    lastSeenAt:
      item.version === current
        ? undefined
        : new Date(item.lastSeenAt).toISOString(),
  };
}

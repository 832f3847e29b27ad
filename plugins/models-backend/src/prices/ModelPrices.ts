import type {
  GatewayModel,
  ModelDirectory,
  Price,
  PriceBook,
} from '@agentportal/model-gateway';

/** The prices of the models that the gateway knows. */
export class ModelPrices {
  readonly #directory: ModelDirectory;
  readonly #priceBook: PriceBook;

  constructor(options: { directory: ModelDirectory; priceBook: PriceBook }) {
    this.#directory = options.directory;
    this.#priceBook = options.priceBook;
  }

  /** The price of a model by its gateway id; routes have none of their own. */
  of(id: string): Price | undefined {
    const model = this.#directory.model(id);
    return model && this.#priceOf(model);
  }

  /** The prices that hold now, by gateway id. */
  *all(): Generator<[string, Price]> {
    for (const model of this.#directory.models()) {
      const price = this.#priceOf(model);
      if (price) {
        yield [model.id, price];
      }
    }
  }

  #priceOf(model: GatewayModel): Price | undefined {
    return this.#priceBook.priceOf({
      id: model.id,
      modelId: model.modelId,
      publisher: this.#directory.provider(model.provider)?.publisher,
    });
  }
}

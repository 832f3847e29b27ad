import { GatewayError } from '../errors';
import type { GatewayLogger } from '../ports';

const MAX_REMEMBERED = 10_000;

/**
 * What happens with calls to models whose price nobody told. No budget can
 * limit them, so they are refused where one applies, unless the operator wants them
 * to count as free. The operator is warned, once for each model.
 */
export class UnpricedModels {
  readonly #mode: 'allow' | 'refuse';
  readonly #logger: GatewayLogger;
  readonly #warned = new Set<string>();

  constructor(options: { mode?: 'allow' | 'refuse'; logger: GatewayLogger }) {
    this.#mode = options.mode ?? 'refuse';
    this.#logger = options.logger;
  }

  /** Whether it has to be known if a budget applies. */
  get refuses(): boolean {
    return this.#mode === 'refuse';
  }

  /** Says once that a model has no price. */
  note(model: string): void {
    if (this.#warned.has(model) || this.#warned.size >= MAX_REMEMBERED) {
      return;
    }
    this.#warned.add(model);
    this.#logger.warn(
      'Nobody told the price of a model, so its calls count as free where no budget applies, and are refused where one does unless models.unpriced is allow; set models.prices, spec.price of its Model entity, or import a list with models.priceLists',
      { model },
    );
  }

  /** The refusal of a call that a budget applies to. */
  refusal(model: string): GatewayError {
    return new GatewayError(
      402,
      'price_unknown',
      `A budget applies to this call, and the price of ${model} is not known, so no budget could limit it. Choose a model with a price, or ask an administrator of the portal to set one: under models.prices in app-config, as spec.price of its Model entity, or by importing a list with models.priceLists.`,
    );
  }
}

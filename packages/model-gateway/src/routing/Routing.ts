import type { ModelDirectory } from '../directory/ModelDirectory';
import type { Clock, Savings } from '../ports';
import type { PriceBook } from '../prices/PriceBook';
import type { Plan } from '../stages/route';
import type { CallContext } from '../stages/tryModel';
import type { TokenUsage } from '../usage/tokenUsage';
import type { RatesComplexity } from './complexity';
import { HedgeAllowance } from './HedgeAllowance';
import { ProviderHealth } from './health/ProviderHealth';
import { RetryBudget } from './RetryBudget';
import { type Asked, Router } from './Router';
import { savedByRouting } from './savedByRouting';

/**
 * What routing may be given from outside.
 *
 * @public
 */
export interface RoutingOptions {
  /** Rates requests for routes with the strategy `complexity`, and for previews. */
  complexity?: RatesComplexity;
  /** Shared with whoever shows it; by default the gateway makes its own. */
  health?: ProviderHealth;
  /** From 0 to below 1. Tests seed it; default is `Math.random`. */
  random?: () => number;
}

/** The router with all that it and the attempts of its calls remember. */
export class Routing {
  readonly health: ProviderHealth;
  readonly #router: Router;
  readonly #shared: Pick<
    CallContext,
    'health' | 'retryBudget' | 'hedges' | 'clock' | 'random' | 'providerOf'
  >;

  constructor(
    options: RoutingOptions & {
      directory: ModelDirectory;
      priceBook: PriceBook;
      clock: Clock;
    },
  ) {
    const { clock, directory, random = Math.random } = options;
    this.health = options.health ?? new ProviderHealth({ clock });
    this.#router = new Router({ ...options, health: this.health });
    this.#shared = {
      clock,
      random,
      health: this.health,
      hedges: new HedgeAllowance(),
      retryBudget: new RetryBudget({ clock }),
      providerOf: id => directory.provider(id),
    };
  }

  plan(asked: Asked): Plan {
    return this.#router.plan(asked);
  }

  /** What the attempts of every call share. */
  get shared() {
    return this.#shared;
  }

  /** What a settled attempt of a plan saved; nothing where there was no choice. */
  savingsOf(
    plan: Plan,
  ): ((usage: TokenUsage, paid: number) => Savings) | undefined {
    const { pricesToChooseFrom } = plan;
    return (
      pricesToChooseFrom &&
      ((usage, paid) => ({
        routingNanoUsd: savedByRouting(pricesToChooseFrom(), usage, paid),
      }))
    );
  }
}

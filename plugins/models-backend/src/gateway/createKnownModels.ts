import {
  ComplexityRater,
  ModelDirectory,
  PriceBook,
  ProviderHealth,
} from '@agentportal/model-gateway';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { builtInPrices, createBuiltInProvider } from '../builtInModels';
import { allProviders, createProviders } from '../config/createProviders';
import type { ModelsConfig } from '../config/readModelsConfig';
import { ModelPrices } from '../prices/ModelPrices';
import { configuredPrices } from '../prices/priceConfig';

/** What this process knows of models. */
export interface KnownModels {
  directory: ModelDirectory;
  priceBook: PriceBook;
  prices: ModelPrices;
  health: ProviderHealth;
  /** Rates requests, for routes that go by it. */
  complexity: ComplexityRater;
}

/** Models of the providers in the configuration, besides the built-in ones. */
export function createKnownModels(options: {
  config: ModelsConfig;
  logger: LoggerService;
}): KnownModels {
  const { config, logger } = options;
  const clock = { now: () => Date.now() };
  const directory = new ModelDirectory({
    providers: [
      { provider: createBuiltInProvider() },
      ...createProviders(config, process.env, clock),
    ],
    clock,
    logger,
    refOf: modelRefOf,
  });
  const priceBook = new PriceBook({
    clock,
    configured: configuredPrices(config.prices, builtInPrices),
    free: new Set(
      allProviders(config, process.env)
        .filter(({ free }) => free)
        .map(({ id }) => id),
    ),
  });
  return {
    directory,
    priceBook,
    prices: new ModelPrices({ directory, priceBook }),
    health: new ProviderHealth({ clock }),
    complexity: new ComplexityRater(),
  };
}

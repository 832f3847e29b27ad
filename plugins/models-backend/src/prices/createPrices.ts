import type { PriceBook } from '@agentportal/model-gateway';
import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ModelsApi } from '../api/ModelsApi';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { ImportedPriceLists } from './ImportedPriceLists';
import type { ModelPrices } from './ModelPrices';
import type { PriceListConfig } from './priceConfig';
import { PriceHistory } from './PriceHistory';
import { PricesApi } from './PricesApi';

/** Imports the operator's price lists and keeps the history of all prices. */
export async function createPrices(options: {
  ledger: DatabaseCallLedger;
  lists: PriceListConfig[];
  prices: ModelPrices;
  priceBook: PriceBook;
  models: ModelsApi;
  logger: LoggerService;
  scheduler: SchedulerService;
}): Promise<PricesApi> {
  const { logger, models, prices, scheduler } = options;
  const { db } = options.ledger;
  const history = new PriceHistory(db);
  if (options.lists.length > 0) {
    const imported = new ImportedPriceLists({ ...options, db });
    await imported.load();
    await scheduler.scheduleTask({
      id: 'refresh-price-lists',
      scope: 'local',
      frequency: { minutes: 1 },
      timeout: { minutes: 5 },
      fn: signal => imported.refresh(signal),
    });
  }
  await scheduler.scheduleTask({
    id: 'observe-prices',
    scope: 'local',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    fn: async () => {
      try {
        await history.observe(prices.all(), Date.now());
      } catch (error) {
        logger.warn(
          `The history of prices cannot be written; it is tried again in a minute: ${error}`,
        );
      }
    },
  });
  return new PricesApi({
    prices,
    history,
    getModel: (name, credentials) => models.getModel(name, credentials),
  });
}

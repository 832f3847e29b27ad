import type { Price, PriceBook } from '@agentportal/model-gateway';
import type {
  AuditorService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ModelsApi } from '../api/ModelsApi';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { describePrice } from './describePrice';
import { ImportedPriceLists } from './ImportedPriceLists';
import type { ModelPrices } from './ModelPrices';
import type { PriceListConfig } from './priceConfig';
import { type PriceChange, PriceHistory } from './PriceHistory';
import { PricesApi } from './PricesApi';

/** Imports the operator's price lists and keeps the history of all prices. */
export async function createPrices(options: {
  ledger: DatabaseCallLedger;
  lists: PriceListConfig[];
  prices: ModelPrices;
  priceBook: PriceBook;
  models: ModelsApi;
  auditor: AuditorService;
  logger: LoggerService;
  scheduler: SchedulerService;
}): Promise<PricesApi> {
  const { logger, models, prices, scheduler } = options;
  const { db } = options.ledger;
  const history = new PriceHistory(db);
  const observe = async (now: Iterable<[string, Price]>) => {
    for (const change of await history.observe(now, Date.now())) {
      await auditChange(options.auditor, change);
    }
  };
  if (options.lists.length > 0) {
    const imported = new ImportedPriceLists({
      lists: options.lists,
      db,
      priceBook: options.priceBook,
      logger,
    });
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
    scope: 'global',
    frequency: { minutes: 1 },
    timeout: { minutes: 1 },
    fn: async () => {
      try {
        await observe(prices.all());
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
    observe,
    readableId: (name, credentials) => models.readableId(name, credentials),
  });
}

/** Whoever changes a price changes what budgets hold back. */
async function auditChange(
  auditor: AuditorService,
  { after, before, model }: PriceChange,
): Promise<void> {
  if (before === undefined && !after.version.startsWith('catalog')) {
    // The first look at a model's published price changes nothing.
    return;
  }
  const { version, ...price } = after;
  const event = await auditor.createEvent({
    eventId: 'model-price-change',
    severityLevel: 'medium',
    meta: {
      model,
      ...(before !== undefined && { before }),
      after: version,
      price: describePrice(price),
    },
  });
  await event.success();
}

import type { ModelDirectory, PriceBook } from '@agentportal/model-gateway';
import type {
  AuthService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { readDeclarations } from './catalog/readDeclarations';
import type { DatabaseCallLedger } from './ledger/DatabaseCallLedger';

const MINUTE_MS = 60_000;

/**
 * Keeps what every process holds in memory fresh: the lists of the providers and
 * what the catalog declares. And closes calls of processes that have ended.
 */
export async function scheduleRefreshes(options: {
  directory: ModelDirectory;
  priceBook: PriceBook;
  ledger: DatabaseCallLedger;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
  scheduler: SchedulerService;
  longestCallMs: number;
}): Promise<void> {
  const { auth, catalog, directory, ledger, logger, scheduler } = options;

  const closeAbandoned = async (startedBefore: number) => {
    const closed = await ledger.closeAbandoned(startedBefore);
    if (closed > 0) {
      logger.warn(
        `${closed} model calls were under way when their process ended; they are marked as unreconciled`,
      );
    }
  };
  // Of a database of its own, no other process can have calls under way.
  await closeAbandoned(
    ledger.exclusive ? Date.now() : Date.now() - 2 * options.longestCallMs,
  );

  await scheduler.scheduleTask({
    id: 'close-abandoned-calls',
    scope: 'global',
    frequency: { minutes: 5 },
    timeout: { minutes: 1 },
    initialDelay: { minutes: 5 },
    fn: () => closeAbandoned(Date.now() - 2 * options.longestCallMs),
  });
  await scheduler.scheduleTask({
    id: 'refresh-providers',
    scope: 'local',
    frequency: { seconds: 60 },
    timeout: { seconds: 30 },
    fn: signal => directory.refresh(signal),
  });

  let declared = false;
  await scheduler.scheduleTask({
    id: 'refresh-declared-models',
    scope: 'local',
    frequency: { seconds: 10 },
    timeout: { milliseconds: MINUTE_MS },
    fn: async () => {
      try {
        const { prices, ...found } = await readDeclarations(catalog, auth);
        directory.setDeclared(found);
        options.priceBook.setDeclared(prices);
        declared = true;
      } catch (error) {
        // At start the catalog may not listen yet; what is known stays.
        if (declared) {
          logger.warn(`Cannot read models from the catalog: ${error}`);
        }
      }
    },
  });
}

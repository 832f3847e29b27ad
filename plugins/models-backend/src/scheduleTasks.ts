import type {
  AuthService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Budgets } from './budgets/createBudgets';
import { scheduleBudgets } from './budgets/scheduleBudgets';
import type { Cache } from './cache/createCache';
import type { ModelsConfig } from './config/readModelsConfig';
import type { KnownModels } from './gateway/createKnownModels';
import type { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import type { Routes } from './routes/createRoutes';
import { scheduleRefreshes } from './scheduleRefreshes';

/** Begins what happens by itself: at start, and again and again. */
export async function scheduleTasks(options: {
  budgets: Budgets;
  cache: Cache;
  routes: Routes;
  directory: KnownModels['directory'];
  ledger: DatabaseCallLedger;
  models: ModelsConfig;
  longestCallMs: number;
  auth: AuthService;
  catalog: CatalogService;
  logger: LoggerService;
  scheduler: SchedulerService;
}): Promise<void> {
  const { cache, models, routes, scheduler } = options;
  await cache.schedule(scheduler);
  await scheduleRefreshes({ ...options, declared: routes.declared });
  await scheduleBudgets({ ...options, config: models.budgets });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Apis } from '../api/apis';
import { registerCacheActions } from '../cache/registerCacheActions';
import { registerComplexityActions } from '../complexity/registerComplexityActions';
import { registerKeyActions } from '../keys/registerKeyActions';
import { registerPriceActions } from '../prices/registerPriceActions';
import { registerRateLimitActions } from '../rateLimits/registerRateLimitActions';
import { registerRouteActions } from '../routes/registerRouteActions';
import { registerModelActions } from './registerModelActions';
import { registerBudgetActions } from './registerBudgetActions';
import { registerCostActions } from './registerCostActions';

/** Offers everything that people can do as actions, and so as MCP tools. */
export function registerAllActions(
  registry: ActionsRegistryService,
  apis: Apis,
): void {
  registerModelActions(registry, apis.models);
  registerPriceActions(registry, apis.prices);
  registerCostActions(registry, apis.costs);
  registerComplexityActions(registry, apis.complexity);
  registerBudgetActions(registry, apis.budgets);
  registerKeyActions(registry, apis.keys);
  registerRateLimitActions(registry, apis.rateLimits);
  registerCacheActions(registry, apis.cache);
  registerRouteActions(registry, apis.routes);
}

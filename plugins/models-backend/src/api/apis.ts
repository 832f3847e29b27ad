import type { CacheApi } from '../cache/CacheApi';
import type { ComplexityApi } from '../complexity/ComplexityApi';
import type { KeysApi } from '../keys/KeysApi';
import type { PricesApi } from '../prices/PricesApi';
import type { RateLimitsApi } from '../rateLimits/RateLimitsApi';
import type { RoutesApi } from '../routes/RoutesApi';
import type { BudgetsApi } from './BudgetsApi';
import type { CostsApi } from './CostsApi';
import type { ModelsApi } from './ModelsApi';

/** Everything that people can do, the same for HTTP and for actions. */
export interface Apis {
  models: ModelsApi;
  prices: PricesApi;
  costs: CostsApi;
  complexity: ComplexityApi;
  budgets: BudgetsApi;
  keys: KeysApi;
  rateLimits: RateLimitsApi;
  cache: CacheApi;
  routes: RoutesApi;
}

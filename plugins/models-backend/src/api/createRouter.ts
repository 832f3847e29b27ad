import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import { addCacheRoutes } from '../cache/cacheRoutes';
import { addComplexityRoutes } from '../complexity/complexityRoutes';
import { addKeyRoutes } from '../keys/keyRoutes';
import { addPriceRoutes } from '../prices/priceRoutes';
import { addRateLimitRoutes } from '../rateLimits/rateLimitRoutes';
import { addRouteRoutes } from '../routes/routeRoutes';
import { spec } from '../schema/openapi.generated';
import type { Apis } from './apis';
import { addBudgetRoutes } from './budgetRoutes';
import { addCostRoutes } from './costRoutes';
import { addModelRoutes } from './modelRoutes';

/**
 * The routes of what people do. Parameters are validated and coerced against the
 * document before a handler.
 */
export function createRouter(apis: Apis, httpAuth: HttpAuthService): Router {
  const router = createValidatedOpenApiRouter(
    spec as unknown as Parameters<typeof createValidatedOpenApiRouter>[0],
  ) as unknown as Router;
  const caller = (request: Request) => httpAuth.credentials(request);
  addModelRoutes(router, apis.models, caller);
  addCostRoutes(router, apis.costs, caller);
  addComplexityRoutes(router, apis.complexity, caller);
  addPriceRoutes(router, apis.prices, caller);
  addBudgetRoutes(router, apis.budgets, caller);
  addKeyRoutes(router, apis.keys, caller);
  addRateLimitRoutes(router, apis.rateLimits, caller);
  addCacheRoutes(router, apis.cache, caller);
  addRouteRoutes(router, apis.routes, caller);
  return router;
}

import type { Door, ModelGateway } from '@agentportal/model-gateway';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import express, { type Request, type Router } from 'express';
import { spec } from '../schema/openapi.generated';
import { addBudgetRoutes } from './budgetRoutes';
import type { BudgetsApi } from './BudgetsApi';
import { addCostRoutes } from './costRoutes';
import type { CostsApi } from './CostsApi';
import type { CacheApi } from '../cache/CacheApi';
import { addCacheRoutes } from '../cache/cacheRoutes';
import { addComplexityRoutes } from '../complexity/complexityRoutes';
import type { ComplexityApi } from '../complexity/ComplexityApi';
import { addKeyRoutes } from '../keys/keyRoutes';
import type { KeysApi } from '../keys/KeysApi';
import { addPriceRoutes } from '../prices/priceRoutes';
import type { PricesApi } from '../prices/PricesApi';
import { addRateLimitRoutes } from '../rateLimits/rateLimitRoutes';
import type { RateLimitsApi } from '../rateLimits/RateLimitsApi';
import type { RoutesApi } from '../routes/RoutesApi';
import { addRouteRoutes } from '../routes/routeRoutes';
import type { ModelsApi } from './ModelsApi';

/**
 * The routes of the plugin. The gateway's come first and see the raw request,
 * because they stream and must not have their bodies parsed.
 */
export function createRouter(options: {
  api: ModelsApi;
  budgets: BudgetsApi;
  costs: CostsApi;
  complexity: ComplexityApi;
  prices: PricesApi;
  keys: KeysApi;
  rateLimits: RateLimitsApi;
  cache: CacheApi;
  routes: RoutesApi;
  gateway: ModelGateway<any>;
  door: Door;
  httpAuth: HttpAuthService;
}): Router {
  const { api, door, gateway, httpAuth } = options;
  const router = express.Router();
  router.use(['/openai/v1', '/anthropic/v1'], door.enter);
  router.use('/openai/v1', (request, response) => {
    void gateway.handle(request, response);
  });
  router.use('/anthropic/v1', (request, response) => {
    // Anthropic's clients send what they have, a key or a Backstage token, in a
    // header of their own.
    const key = request.headers['x-api-key'];
    if (typeof key === 'string' && !request.headers.authorization) {
      request.headers.authorization = `Bearer ${key}`;
    }
    void gateway.handle(request, response, 'anthropic');
  });

  // Parameters are validated and coerced against the document before a handler.
  const managed = createValidatedOpenApiRouter(
    spec as unknown as Parameters<typeof createValidatedOpenApiRouter>[0],
  ) as unknown as Router;
  const caller = (request: Request) => httpAuth.credentials(request);

  managed.get('/models', async (request, response) => {
    response.json(await api.listModels(request.query, await caller(request)));
  });
  managed.get('/models/:id', async (request, response) => {
    response.json(await api.getModel(request.params.id, await caller(request)));
  });
  managed.get('/providers', async (request, response) => {
    response.json(
      await api.listProviders(request.query, await caller(request)),
    );
  });
  managed.get('/calls', async (request, response) => {
    response.json(await api.listCalls(request.query, await caller(request)));
  });
  addCostRoutes(managed, options.costs, caller);
  addComplexityRoutes(managed, options.complexity, caller);
  addPriceRoutes(managed, options.prices, caller);
  addBudgetRoutes(managed, options.budgets, caller);
  addKeyRoutes(managed, options.keys, caller);
  addRateLimitRoutes(managed, options.rateLimits, caller);
  addCacheRoutes(managed, options.cache, caller);
  addRouteRoutes(managed, options.routes, caller);
  router.use(managed);
  return router;
}

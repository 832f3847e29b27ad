import type { ModelGateway } from '@agentportal/model-gateway';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import express, { type Request, type Router } from 'express';
import { spec } from '../schema/openapi.generated';
import { addBudgetRoutes } from './budgetRoutes';
import type { BudgetsApi } from './BudgetsApi';
import type { ModelsApi } from './ModelsApi';

/**
 * The routes of the plugin. The gateway's come first and see the raw request,
 * because they stream and must not have their bodies parsed.
 */
export function createRouter(options: {
  api: ModelsApi;
  budgets: BudgetsApi;
  gateway: ModelGateway<any>;
  httpAuth: HttpAuthService;
}): Router {
  const { api, gateway, httpAuth } = options;
  const router = express.Router();
  router.use('/openai/v1', (request, response) => {
    void gateway.handle(request, response);
  });
  router.use('/anthropic/v1', (request, response) => {
    // Anthropic's clients send their key, which is a Backstage token, in a header
    // of their own.
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
  managed.get('/costs', async (request, response) => {
    const query = request.query as unknown as Parameters<
      typeof api.getCosts
    >[0];
    response.json(await api.getCosts(query, await caller(request)));
  });
  managed.get('/calls', async (request, response) => {
    response.json(await api.listCalls(request.query, await caller(request)));
  });
  addBudgetRoutes(managed, options.budgets, caller);
  router.use(managed);
  return router;
}

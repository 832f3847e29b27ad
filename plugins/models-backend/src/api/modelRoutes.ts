import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { ModelsApi } from './ModelsApi';

/** The routes of models; requests are validated against the document before. */
export function addModelRoutes(
  router: Router,
  models: ModelsApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/models', async (request, response) => {
    response.json(
      await models.listModels(request.query, await caller(request)),
    );
  });
  router.get('/models/:id', async (request, response) => {
    response.json(
      await models.getModel(request.params.id, await caller(request)),
    );
  });
  router.get('/providers', async (request, response) => {
    response.json(
      await models.listProviders(request.query, await caller(request)),
    );
  });
  router.get('/calls', async (request, response) => {
    response.json(await models.listCalls(request.query, await caller(request)));
  });
}

import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { RoutesApi } from './RoutesApi';

/** The HTTP routes of model routes; requests are validated before. */
export function addRouteRoutes(
  router: Router,
  routes: RoutesApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/routes', async (request, response) => {
    response.json(await routes.list(request.query, await caller(request)));
  });
  router.post('/routes/preview', async (request, response) => {
    response.json(await routes.preview(request.body, await caller(request)));
  });
  router.get('/routes/:name', async (request, response) => {
    response.json(await routes.get(request.params.name, await caller(request)));
  });
  router.put('/routes/:name', async (request, response) => {
    response.json(
      await routes.save(
        request.params.name,
        request.body,
        await caller(request),
      ),
    );
  });
  router.delete('/routes/:name', async (request, response) => {
    await routes.revert(request.params.name, await caller(request));
    response.status(204).end();
  });
  router.get('/routes/:name/history', async (request, response) => {
    response.json(
      await routes.history(
        request.params.name,
        request.query,
        await caller(request),
      ),
    );
  });
}

import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { RateLimitsApi } from './RateLimitsApi';

/** The routes of rate limits; requests are validated against the document before. */
export function addRateLimitRoutes(
  router: Router,
  limits: RateLimitsApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/rate-limits', async (request, response) => {
    response.json(await limits.list(request.query, await caller(request)));
  });
  router.post('/rate-limits', async (request, response) => {
    response
      .status(201)
      .json(await limits.create(request.body, await caller(request)));
  });
  router.patch('/rate-limits/:id', async (request, response) => {
    response.json(
      await limits.update(
        request.params.id,
        request.body,
        await caller(request),
      ),
    );
  });
  router.delete('/rate-limits/:id', async (request, response) => {
    await limits.delete(request.params.id, await caller(request));
    response.status(204).end();
  });
}

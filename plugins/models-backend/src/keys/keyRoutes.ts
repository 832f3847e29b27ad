import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Response, Router } from 'express';
import type { KeysApi } from './KeysApi';

/** The routes of keys; requests are validated against the document before. */
export function addKeyRoutes(
  router: Router,
  keys: KeysApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/keys', async (request, response) => {
    response.json(await keys.list(request.query, await caller(request)));
  });
  router.post('/keys', async (request, response) => {
    const made = await keys.create(request.body, await caller(request));
    notKept(response).status(201).json(made);
  });
  router.get('/keys/:id', async (request, response) => {
    response.json(await keys.get(request.params.id, await caller(request)));
  });
  router.patch('/keys/:id', async (request, response) => {
    response.json(
      await keys.update(request.params.id, request.body, await caller(request)),
    );
  });
  router.post('/keys/:id/rotate', async (request, response) => {
    const rotated = await keys.rotate(
      request.params.id,
      request.body,
      await caller(request),
    );
    notKept(response).json(rotated);
  });
  router.post('/keys/:id/revoke', async (request, response) => {
    response.json(await keys.revoke(request.params.id, await caller(request)));
  });
  router.get('/keys/:id/history', async (request, response) => {
    response.json(
      await keys.history(
        request.params.id,
        request.query,
        await caller(request),
      ),
    );
  });
}

/** A secret is in the answer, so nothing on the way may keep it. */
function notKept(response: Response): Response {
  return response.setHeader('cache-control', 'no-store');
}

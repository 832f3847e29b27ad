import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { CacheApi } from './CacheApi';

/** The routes of answers from memory; requests are validated before. */
export function addCacheRoutes(
  router: Router,
  cache: CacheApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/cache', async (request, response) => {
    response.json(await cache.stats(request.query, await caller(request)));
  });
  router.delete('/cache', async (request, response) => {
    const { agentRef, all, keyId, userRef } = request.query as Record<
      string,
      string | undefined
    >;
    response.json(
      await cache.purge(
        { agentRef, keyId, userRef, all: String(all) === 'true' },
        await caller(request),
      ),
    );
  });
}

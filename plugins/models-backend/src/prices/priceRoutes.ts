import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { PricesApi } from './PricesApi';

/** The routes of prices; requests are validated against the document before. */
export function addPriceRoutes(
  router: Router,
  prices: PricesApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/models/:id/prices', async (request, response) => {
    response.json(
      await prices.list(
        request.params.id,
        request.query,
        await caller(request),
      ),
    );
  });
}

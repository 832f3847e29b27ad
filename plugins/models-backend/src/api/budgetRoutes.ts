import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { BudgetsApi } from './BudgetsApi';

/** The routes of budgets; requests are validated against the document before. */
export function addBudgetRoutes(
  router: Router,
  budgets: BudgetsApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/budgets', async (request, response) => {
    response.json(await budgets.list(request.query, await caller(request)));
  });
  router.post('/budgets', async (request, response) => {
    response
      .status(201)
      .json(await budgets.create(request.body, await caller(request)));
  });
  // Before the route of a single budget, which would take it for an id.
  router.get('/budgets/check', async (request, response) => {
    response.json(await budgets.check(await caller(request)));
  });
  router.get('/budgets/:id', async (request, response) => {
    response.json(await budgets.get(request.params.id, await caller(request)));
  });
  router.put('/budgets/:id', async (request, response) => {
    response.json(
      await budgets.update(
        request.params.id,
        request.body,
        await caller(request),
      ),
    );
  });
  router.delete('/budgets/:id', async (request, response) => {
    await budgets.delete(request.params.id, await caller(request));
    response.status(204).end();
  });
  router.get('/budgets/:id/history', async (request, response) => {
    response.json(
      await budgets.history(
        request.params.id,
        request.query,
        await caller(request),
      ),
    );
  });
}

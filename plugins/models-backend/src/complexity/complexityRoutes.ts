import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Router } from 'express';
import type { ComplexityApi } from './ComplexityApi';

/** The routes of outcomes; requests are validated against the document before. */
export function addComplexityRoutes(
  router: Router,
  complexity: ComplexityApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.post('/calls/:callId/outcome', async (request, response) => {
    response.json(
      await complexity.recordOutcome(
        request.params.callId,
        request.body,
        await caller(request),
      ),
    );
  });
  router.get('/complexity/calibrations', async (request, response) => {
    response.json(
      await complexity.listCalibrations(request.query, await caller(request)),
    );
  });
}

import type {
  CreateRunRequest,
  ListRunsQuery,
  ListThreadsQuery,
} from '@agentportal/plugin-orchestration-common';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import {
  createValidatedOpenApiRouter,
  type internal,
} from '@backstage/backend-openapi-utils';
import type { Request, Response, Router } from 'express';
import type { Runs } from '../runs/Runs';
import { spec } from '../schema/openapi.generated';

/**
 * The HTTP API. Requests are validated against the OpenAPI document, and query
 * parameters get their types and defaults from it, before a handler sees them.
 */
export function createRouter(options: {
  runs: Runs;
  httpAuth: HttpAuthService;
  streamEvents: (id: string, req: Request, res: Response) => Promise<void>;
}): Router {
  const { runs, httpAuth, streamEvents } = options;
  const router = createValidatedOpenApiRouter(
    spec as unknown as internal.RequiredDoc,
  ) as Router;

  const callContext = async (req: Request) => ({
    credentials: await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    }),
  });

  router.post('/runs', async (req, res) => {
    const run = await runs.create(
      req.body as CreateRunRequest,
      await callContext(req),
    );
    res.status(201).json(run);
  });

  router.get('/runs', async (req, res) => {
    const query = req.query as unknown as WithLimit<ListRunsQuery>;
    res.json(await runs.list(query, await callContext(req)));
  });

  router.get('/runs/:id', async (req, res) => {
    res.json(await runs.get(req.params.id, await callContext(req)));
  });

  router.get('/runs/:id/events', async (req, res) => {
    await runs.requireReadable(req.params.id, await callContext(req));
    await streamEvents(req.params.id, req, res);
  });

  router.post('/runs/:id/cancel', async (req, res) => {
    res.json(await runs.cancel(req.params.id, await callContext(req)));
  });

  router.get('/threads', async (req, res) => {
    const query = req.query as unknown as WithLimit<ListThreadsQuery>;
    res.json(await runs.listThreads(query, await callContext(req)));
  });

  router.get('/threads/:id', async (req, res) => {
    res.json(await runs.getThread(req.params.id, await callContext(req)));
  });

  router.get('/stats', async (req, res) => {
    const { agentRef, days } = req.query as unknown as {
      agentRef: string[];
      days: number;
    };
    res.json(
      await runs.stats({ agentRefs: agentRef, days }, await callContext(req)),
    );
  });

  return router;
}

/** The document gives `limit` a default. */
type WithLimit<T> = T & { limit: number };

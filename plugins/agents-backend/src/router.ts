import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type express from 'express';
import type { z } from 'zod/v4';
import { authorizeAgentRead } from './authorizeAgentRead';
import type { AgentDirectory } from './listing/AgentDirectory';
import { agentFilterSchema, agentListSchema } from './listing/AgentFilter';
import { spec } from './schema/openapi.generated';

/** The HTTP API, as `schema/openapi.yaml` describes it. */
export function createRouter(options: {
  directory: AgentDirectory;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
}): express.Router {
  const { directory, httpAuth, permissions } = options;
  // The document is checked against the generated types elsewhere; here its
  // routes are plain ones, as their input is parsed into what we work with.
  const router = createValidatedOpenApiRouter(
    spec as never,
  ) as unknown as express.Router;

  const callerOf = async (req: express.Request) => {
    const credentials = await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    });
    await authorizeAgentRead(permissions, credentials);
    return credentials;
  };

  router.get('/agents', async (req, res) => {
    const credentials = await callerOf(req);
    const request = parse(agentListSchema, req.query);
    res.json(await directory.list(request, credentials));
  });

  router.get('/agents/facets', async (req, res) => {
    const credentials = await callerOf(req);
    const filter = parse(agentFilterSchema, req.query);
    res.json({ facets: await directory.facets(filter, credentials) });
  });

  router.get('/agents/:namespace/:name', async (req, res) => {
    const credentials = await callerOf(req);
    const { namespace, name } = req.params;
    res.json(await directory.get({ namespace, name }, credentials));
  });

  return router;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error) {
    throw new InputError(
      error.issues
        .map(issue => `${issue.path.join('.')}: ${issue.message}`)
        .join('; '),
    );
  }
  return data as T;
}

import type {
  BackstageCredentials,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import { createOpenApiRouter } from '@agentportal/plugin-agents-node';
import type { Router } from 'express';
import type { AgentAccess } from './access/AgentAccess';
import { peopleHandlers } from './api/peopleHandlers';
import type { serviceHandlers } from './api/serviceHandlers';
import type { startApprovals } from './approvals/startApprovals';
import { authorizeAgentRead } from './authorizeAgentRead';
import type { AgentDirectory } from './listing/AgentDirectory';
import {
  agentFilterSchema,
  agentListSchema,
  readRequest,
} from './listing/AgentFilter';
import type { startRules } from './rules/startRules';
import { spec } from './schema/openapi.generated';

/** The HTTP API, as `schema/openapi.yaml` describes it. */
export function createRouter(options: {
  directory: AgentDirectory;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  access: AgentAccess;
  forServices: ReturnType<typeof serviceHandlers>;
  rules: Awaited<ReturnType<typeof startRules>>;
  approvals: Awaited<ReturnType<typeof startApprovals>>;
}): Router {
  const { directory, httpAuth, permissions } = options;
  const authorize = (credentials: BackstageCredentials) =>
    authorizeAgentRead(permissions, credentials);

  return createOpenApiRouter<AgentsOperations>({
    spec,
    httpAuth,
    handlers: {
      ...options.forServices,
      ...options.rules,
      ...options.approvals,
      ...peopleHandlers(options.access),
      ListAgents: async ({ query, credentials }) => {
        await authorize(credentials);
        return directory.list(readRequest(agentListSchema, query), credentials);
      },
      GetAgentFacets: async ({ query, credentials }) => {
        await authorize(credentials);
        const filter = readRequest(agentFilterSchema, query);
        return { facets: await directory.facets(filter, credentials) };
      },
      GetAgent: async ({ path, credentials }) => {
        await authorize(credentials);
        return directory.get(path, credentials);
      },
    },
  });
}

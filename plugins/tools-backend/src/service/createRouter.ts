import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createValidatedOpenApiRouterFromGeneratedEndpointMap } from '@backstage/backend-openapi-utils';
import type {
  RefreshResult,
  ServerList,
  ServersQuery,
  ToolCallResult,
  ToolList,
  ToolsQuery,
  ToolSummary,
} from '@agentportal/plugin-tools-common';
import express, { type Request, type Response } from 'express';
import { callerOf } from '../gateway/Caller';
import type { ToolGateway } from '../gateway/ToolGateway';
import { spec } from '../schema/openapi.generated';
import type { ToolsService } from './ToolsService';

const MAX_REQUEST_SIZE = '1mb';

type Endpoints = {
  '#get|/servers': { query: ServersQuery; response: ServerList };
  '#post|/servers/refresh': {
    body: { serverRef?: string } | undefined;
    response: RefreshResult;
  };
  '#get|/tools': { query: ToolsQuery; response: ToolList };
  '#get|/tools/{name}': { path: { name: string }; response: ToolSummary };
  '#post|/tools/{name}/call': {
    path: { name: string };
    body: { arguments: Record<string, unknown> };
    response: ToolCallResult;
  };
};

/** The REST API, validated by its OpenAPI document. */
export function createRouter(options: {
  service: ToolsService;
  gateway: ToolGateway;
  httpAuth: HttpAuthService;
}) {
  const { service, gateway, httpAuth } = options;
  const router =
    createValidatedOpenApiRouterFromGeneratedEndpointMap<Endpoints>(
      // The document is typed as 3.0 upstream, where some 3.1 forms are unknown.
      spec as unknown as Parameters<
        typeof createValidatedOpenApiRouterFromGeneratedEndpointMap
      >[0],
      { middleware: [express.json({ limit: MAX_REQUEST_SIZE })] },
    );
  const callerFrom = async (req: unknown) => {
    const request = req as Request;
    const credentials = await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    return callerOf(credentials, request.headers);
  };

  router.get('/servers', async (req, res) => {
    res.json(await service.listServers(await callerFrom(req), req.query));
  });

  router.post('/servers/refresh', async (req, res) => {
    const caller = await callerFrom(req);
    res.json(
      await service.refreshServers(caller, {
        serverRef: req.body?.serverRef,
      }),
    );
  });

  router.get('/tools', async (req, res) => {
    res.json(await service.listTools(await callerFrom(req), req.query));
  });

  router.get('/tools/:name', async (req, res) => {
    res.json(await service.getTool(await callerFrom(req), req.params.name));
  });

  router.post('/tools/:name/call', async (req, res) => {
    const caller = await callerFrom(req);
    const outcome = await gateway.call(
      caller,
      req.params.name,
      req.body.arguments,
      { signal: signalOf(res), request: req as unknown as Request },
    );
    res.json(outcome);
  });

  return router;
}

/** Ends what is under way when the client goes away. */
function signalOf(res: unknown): AbortSignal {
  const response = res as Response;
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) {
      controller.abort();
    }
  });
  return controller.signal;
}

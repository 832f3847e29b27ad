import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createOpenApiRouter } from '@agentportal/plugin-agents-node';
import type { ToolsOperations } from '@agentportal/plugin-tools-common';
import express, { type Response } from 'express';
import { callerOf } from '../gateway/Caller';
import type { ToolGateway } from '../gateway/ToolGateway';
import { spec } from '../schema/openapi.generated';
import type { ToolsService } from './ToolsService';

const MAX_REQUEST_SIZE = '1mb';

/** The REST API. The MCP endpoint of the document has a router of its own. */
export function createRouter(options: {
  service: ToolsService;
  gateway: ToolGateway;
  httpAuth: HttpAuthService;
}) {
  const { service, gateway, httpAuth } = options;
  const { '/mcp': _mcp, ...paths } = spec.paths;
  return createOpenApiRouter<Omit<ToolsOperations, 'mcp'>>({
    spec: { ...spec, paths },
    httpAuth,
    middleware: [express.json({ limit: MAX_REQUEST_SIZE })],
    handlers: {
      listServers: ({ credentials, query, request }) =>
        service.listServers(callerOf(credentials, request.headers), query),
      refreshServers: ({ credentials, body, request }) =>
        service.refreshServers(callerOf(credentials, request.headers), {
          serverRef: body?.serverRef,
        }),
      listTools: ({ credentials, query, request }) =>
        service.listTools(callerOf(credentials, request.headers), query),
      getTool: ({ credentials, path, request }) =>
        service.getTool(callerOf(credentials, request.headers), path.name),
      callTool: ({ credentials, path, body, request, response }) =>
        gateway.call(
          callerOf(credentials, request.headers),
          path.name,
          body.arguments,
          { signal: signalOf(response), request },
        ),
    },
  });
}

/** Ends what is under way when the client goes away. */
function signalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) {
      controller.abort();
    }
  });
  return controller.signal;
}

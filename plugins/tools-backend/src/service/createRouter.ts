import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createOpenApiRouter, jsonBody } from '@agentportal/plugin-agents-node';
import type { ToolsOperations } from '@agentportal/plugin-tools-common';
import type { Response } from 'express';
import type { ReadCaller } from '../gateway/Caller';
import type { ToolGateway } from '../gateway/ToolGateway';
import { spec } from '../schema/openapi.generated';
import type { ToolsService } from './ToolsService';

/** Of a body, over REST and over MCP. */
export const MAX_REQUEST_SIZE = '1mb';

/** The REST API. The MCP endpoint of the document has a router of its own. */
export function createRouter(options: {
  service: ToolsService;
  gateway: ToolGateway;
  httpAuth: HttpAuthService;
  readCaller: ReadCaller;
}) {
  const { service, gateway, httpAuth, readCaller } = options;
  const { '/mcp': _mcp, ...paths } = spec.paths;
  return createOpenApiRouter<Omit<ToolsOperations, 'mcp'>>({
    spec: { ...spec, paths },
    httpAuth,
    middleware: [jsonBody(MAX_REQUEST_SIZE)],
    handlers: {
      listServers: async ({ credentials, query, request }) =>
        service.listServers(
          await readCaller(credentials, request.headers),
          query,
        ),
      refreshServers: async ({ credentials, body, request }) =>
        service.refreshServers(await readCaller(credentials, request.headers), {
          serverRef: body?.serverRef,
        }),
      listTools: async ({ credentials, query, request }) =>
        service.listTools(
          await readCaller(credentials, request.headers),
          query,
        ),
      listRecordedCalls: async ({ credentials, query, request }) =>
        service.listRecordedCalls(
          await readCaller(credentials, request.headers),
          query,
        ),
      listGuardFindings: async ({ credentials, query, request }) =>
        service.listGuardFindings(
          await readCaller(credentials, request.headers),
          query,
        ),
      inheritGuardFindings: async ({ credentials, body, request }) =>
        service.inheritGuardFindings(
          await readCaller(credentials, request.headers),
          body,
        ),
      listToolChanges: async ({ credentials, query, request }) =>
        service.listChanges(
          await readCaller(credentials, request.headers),
          query,
        ),
      decideToolChange: async ({ credentials, path, body, request }) =>
        service.decideChange(
          await readCaller(credentials, request.headers),
          path.changeId,
          body,
          request,
        ),
      getTool: async ({ credentials, path, request }) =>
        service.getTool(
          await readCaller(credentials, request.headers),
          path.name,
        ),
      callTool: async ({ credentials, path, body, request, response }) =>
        gateway.call(
          await readCaller(credentials, request.headers),
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

import type {
  HttpAuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  InputError,
  isError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  TOOL_META_APPROVAL,
  TOOL_META_GRANT,
  TOOL_META_IDEMPOTENCY_KEY,
  TOOL_META_PROVENANCE,
  TOOL_META_REF,
  TOOL_META_REFUSED_BY,
  TOOL_META_REHEARSAL,
  TOOL_META_REHEARSED,
  TOOL_META_REPEATABLE,
  TOOL_META_RISK_TIER,
} from '@agentportal/plugin-tools-common';
import { jsonBody } from '@agentportal/plugin-agents-node';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  inputRequired,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type McpRequestContext,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import type { Request } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod/v4';
import type { Caller, ReadCaller } from '../gateway/Caller';
import type { ListedTool, ToolGateway } from '../gateway/ToolGateway';
import { provenanceOf } from '../gateway/provenance';
import { answersIn } from '../gateway/Rehearsal';
import { MAX_REQUEST_SIZE } from './createRouter';
import { pageAfter } from './paging';
import { serveMcp } from './serveMcp';

const idempotencyKeySchema = z.string().min(1).max(255).optional();
const grantSchema = z.string().min(1).max(10_000).optional();
const showsPagesSchema = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.object({ url: z.object({}) }),
  }),
});

const PAGE_SIZE = 200;
/** A permission that was taken away must soon be gone from lists as well. */
const LIST_TTL_MS = 5_000;

const INSTRUCTIONS =
  'Tools of all MCP servers of this company that you may call, named <server>.<tool>. A refused or failed call says why in its text.';

interface Incoming {
  caller: Caller;
  request: Request;
}

/**
 * The one MCP endpoint. It serves clients of the 2026-07-28 revision and of
 * the ones before, each with the tools that its caller may call.
 */
export function createMcpRouter(options: {
  gateway: ToolGateway;
  httpAuth: HttpAuthService;
  readCaller: ReadCaller;
  logger: LoggerService;
  /** Where people see the portal. */
  appUrl?: string;
}) {
  const { appUrl, gateway, httpAuth, readCaller, logger } = options;
  const handler = createMcpHandler(
    context => createServer(gateway, incomingOf(context), appUrl),
    {
      // Errors of clients, answered to them; nothing is wrong here.
      onerror: error => logger.debug(`MCP endpoint: ${error.message}`),
    },
  );

  const router = PromiseRouter();
  router.all(
    '/mcp',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      res.locals.caller = await readCaller(credentials, req.headers);
      return 'next';
    },
    // Whatever it says to be: the SDK parses what was not, and refuses its type after that.
    jsonBody(MAX_REQUEST_SIZE, { type: () => true }),
    async (req, res) => {
      const incoming: Incoming = { caller: res.locals.caller, request: req };
      // The SDK's way to hand facts about the caller to the server. Its token
      // stays empty: nothing behind this line needs it.
      await serveMcp(handler, req, res, {
        ...{ token: '', clientId: '', scopes: [] },
        extra: { incoming },
      });
    },
  );
  return router;
}

function incomingOf(context: McpRequestContext): Incoming {
  return context.authInfo?.extra?.incoming as Incoming;
}

function createServer(
  gateway: ToolGateway,
  incoming: Incoming,
  appUrl?: string,
): McpServer {
  const { caller, request } = incoming;
  const mcp = new McpServer(
    {
      name: 'agent-portal-tools',
      title: 'Agent Portal tools',
      version: '0.1.0',
    },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: {
        'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' },
      },
    },
  );
  // The tools are not known when the server is made, so not by registerTool.
  const { server } = mcp;
  server.setRequestHandler('tools/list', async ({ params }) => {
    const page = pageAfter({
      items: await gateway.list(caller),
      keyOf: ({ tool }) => tool.name,
      cursor: params?.cursor,
      limit: PAGE_SIZE,
    });
    return {
      tools: page.items.map(toMcpTool),
      ...(page.nextCursor ? { nextCursor: page.nextCursor } : {}),
      ...(caller.isRehearsal && { _meta: { [TOOL_META_REHEARSAL]: true } }),
    };
  });
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    try {
      const rehearsal = params._meta?.[TOOL_META_REHEARSAL];
      const outcome = await gateway.call(
        caller,
        params.name,
        params.arguments ?? {},
        {
          signal: context.mcpReq.signal,
          request,
          idempotencyKey: idempotencyKeySchema.safeParse(
            params._meta?.[TOOL_META_IDEMPOTENCY_KEY],
          ).data,
          grant: grantSchema.safeParse(params._meta?.[TOOL_META_GRANT]).data,
          provenance: provenanceOf(
            caller,
            params._meta?.[TOOL_META_PROVENANCE],
          ),
          ...(rehearsal !== undefined && { answers: answersIn(rehearsal) }),
        },
      );
      return {
        content: outcome.content,
        isError: outcome.isError,
        ...(outcome.structuredContent === undefined
          ? {}
          : { structuredContent: outcome.structuredContent }),
        _meta: {
          'agentportal.dev/call-id': outcome.callId,
          ...(outcome.rehearsed && {
            [TOOL_META_REHEARSED]: outcome.rehearsed,
          }),
        },
      } as CallToolResult;
    } catch (error) {
      return (
        askAtClient(error as ApprovableError, context, appUrl) ?? refusal(error)
      );
    }
  });
  return mcp;
}

type ApprovableError = Error & { approval?: { id: string; status: string } };

/**
 * Sends the user of a client that can show pages to the request for an approval, once for
 * each call; then the call is tried again.
 */
function askAtClient(
  { approval, message }: ApprovableError,
  { mcpReq }: ServerContext,
  appUrl: string | undefined,
) {
  return approval?.status === 'pending' &&
    appUrl &&
    !mcpReq.inputResponses &&
    showsPagesSchema.safeParse(mcpReq.envelope).success
    ? inputRequired({
        inputRequests: {
          approval: inputRequired.elicitUrl({
            message,
            url: `${appUrl}/approvals/${approval.id}`,
          }),
        },
      })
    : undefined;
}

/** A model can act on a refusal that it reads; it never sees protocol errors. */
function refusal(error: unknown): CallToolResult {
  const name = isError(error) ? error.name : undefined;
  if (name === NotFoundError.name) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      (error as Error).message,
    );
  }
  if (
    name === NotAllowedError.name ||
    name === InputError.name ||
    name === ServiceUnavailableError.name
  ) {
    return {
      content: [{ type: 'text', text: (error as Error).message }],
      isError: true,
      ...(name === NotAllowedError.name && {
        _meta: {
          [TOOL_META_REFUSED_BY]:
            (error as { ruleIds?: string[] }).ruleIds ?? [],
          ...('approval' in (error as object) && {
            [TOOL_META_APPROVAL]: (error as { approval?: object }).approval,
          }),
        },
      }),
    };
  }
  throw error;
}

function toMcpTool({ tool, isRepeatable }: ListedTool): Tool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: { ...tool.inputSchema, type: 'object' },
    ...(tool.outputSchema
      ? { outputSchema: tool.outputSchema as Tool['outputSchema'] }
      : {}),
    ...(tool.annotations ? { annotations: tool.annotations } : {}),
    _meta: {
      [TOOL_META_REF]: tool.ref,
      [TOOL_META_RISK_TIER]: tool.riskTier,
      ...(isRepeatable && { [TOOL_META_REPEATABLE]: true }),
    },
  };
}

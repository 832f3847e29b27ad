import { agentIdentitiesServiceRef } from '@agentportal/plugin-agents-node';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  TOOL_META_IDEMPOTENCY_KEY,
  TOOL_META_PROVENANCE,
} from '@agentportal/plugin-tools-common';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  type CallToolResult,
  createMcpHandler,
  McpServer,
  type Tool,
} from '@modelcontextprotocol/server';
import express from 'express';
import Router from 'express-promise-router';
import { createCallerOf, type GatewayCaller } from './callerOf';

const FIND_ORDER: Tool = {
  name: 'orders.find_order',
  title: 'Find an order',
  description: 'Finds an order by its number',
  inputSchema: {
    type: 'object',
    required: ['number'],
    properties: { number: { type: 'string' } },
  },
  annotations: { readOnlyHint: true },
  _meta: {
    'agentportal.dev/ref': 'tool:default/orders.find_order',
    'agentportal.dev/risk-tier': 'read',
  },
};

const CANCEL_ORDER: Tool = {
  name: 'orders.cancel_order',
  description: 'Cancels an order',
  inputSchema: { type: 'object', properties: {} },
  _meta: {
    'agentportal.dev/ref': 'tool:default/orders.cancel_order',
    'agentportal.dev/risk-tier': 'write',
  },
};

const RENAME_ORDER: Tool = {
  name: 'orders.rename_order',
  description: 'Gives an order another name',
  inputSchema: { type: 'object', properties: {} },
  _meta: {
    'agentportal.dev/ref': 'tool:default/orders.rename_order',
    'agentportal.dev/risk-tier': 'write',
    'agentportal.dev/repeatable': true,
  },
};

/** A tool gateway: a real MCP server behind the `tools` plugin of a backend. */
export class ToolGateway {
  readonly requests: Array<{ caller: GatewayCaller; method: string }> = [];
  readonly calls: Array<{
    name: string;
    args: Record<string, unknown>;
    provenance?: unknown;
    idempotencyKey?: unknown;
  }> = [];
  /** Conversations whose findings were taken over into another. */
  readonly inherited: Array<{ from: string; to: string }> = [];
  /** Set to answer every request like this, as a gateway that refuses does. */
  refusal: { status: number; message: string; name?: string } | undefined;
  readonly #tools: Tool[];
  readonly #call: (
    name: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ) => CallToolResult | Promise<CallToolResult>;

  constructor(
    call: (
      name: string,
      args: Record<string, unknown>,
      signal: AbortSignal,
    ) => CallToolResult | Promise<CallToolResult> = findOrder,
    tools: Tool[] = [FIND_ORDER, CANCEL_ORDER, RENAME_ORDER],
  ) {
    this.#call = call;
    this.#tools = tools;
  }

  /** The MCP server alone, as Node serves it. */
  get handler() {
    return toNodeHandler(
      createMcpHandler(() => {
        const mcp = new McpServer(
          { name: 'gateway', version: '1' },
          { capabilities: { tools: {} } },
        );
        const { server } = mcp;
        server.setRequestHandler('tools/list', () => ({ tools: this.#tools }));
        server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
          const args = params.arguments ?? {};
          const provenance = params._meta?.[TOOL_META_PROVENANCE];
          this.calls.push({
            name: params.name,
            args,
            ...(provenance !== undefined && { provenance }),
            idempotencyKey: params._meta?.[TOOL_META_IDEMPOTENCY_KEY],
          });
          return this.#call(params.name, args, mcpReq.signal);
        });
        return mcp;
      }),
    );
  }

  /** The gateway as the `tools` plugin of a backend. */
  get plugin() {
    const { handler } = this;
    return createBackendPlugin({
      pluginId: 'tools',
      register: env => {
        env.registerInit({
          deps: {
            httpAuth: coreServices.httpAuth,
            httpRouter: coreServices.httpRouter,
            identities: agentIdentitiesServiceRef,
          },
          init: async ({ httpAuth, httpRouter, identities }) => {
            const callerOf = createCallerOf({ httpAuth, identities });
            const router = Router();
            router.all('/mcp', express.json(), async (req, res) => {
              this.requests.push({
                caller: await callerOf(req),
                method: req.body?.method,
              });
              if (this.refusal) {
                const { status, name = 'Refused', message } = this.refusal;
                res.status(status).json({ error: { name, message } });
                return;
              }
              void handler(req, res, req.body);
            });
            router.post(
              '/guard/findings/inherit',
              express.json(),
              async (req, res) => {
                await httpAuth.credentials(req, { allow: ['service'] });
                this.inherited.push(req.body);
                res.status(204).end();
              },
            );
            httpRouter.use(router);
          },
        });
      },
    });
  }
}

/** What a tool gives back unless a test says otherwise. */
export function findOrder(
  _name: string,
  args: Record<string, unknown>,
): CallToolResult {
  return {
    content: [{ type: 'text', text: `Order ${args.number} is on its way.` }],
    structuredContent: { number: args.number, status: 'shipped' },
  };
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { CHANGE_STATES } from '../changes/ToolChangeStore';
import type { ReadCaller } from '../gateway/Caller';
import type { ToolGateway } from '../gateway/ToolGateway';
import { CALL_TOOL_ACTION } from '../registry/visitServer';
import type { ToolsService } from '../service/ToolsService';

/** Every operation of the plugin as an action, and so as an MCP tool. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  service: ToolsService;
  gateway: ToolGateway;
  readCaller: ReadCaller;
}) {
  const { actionsRegistry, service, gateway, readCaller } = options;

  actionsRegistry.register({
    name: 'list-tools',
    title: 'List or search tools',
    description:
      'Lists the tools of all MCP servers that you may see, or finds the ones that fit a sentence, the best first. Says for each whether you may call it.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          query: z
            .string()
            .optional()
            .describe('What the tool should do, in words'),
          server: z
            .string()
            .optional()
            .describe('Name or entity ref of one MCP server'),
          riskTier: z
            .enum(['read', 'write', 'external', 'critical', 'forbidden'])
            .optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z
            .string()
            .optional()
            .describe('nextCursor of the page before'),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          totalItems: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { query, ...rest } = input;
      return {
        output: await service.listTools(await readCaller(credentials), {
          ...rest,
          q: query,
        }),
      };
    },
  });

  actionsRegistry.register({
    name: 'get-tool',
    title: 'Read a tool',
    description:
      'Reads one tool: what it does, its arguments as JSON Schema, its risk, its owner, and whether you may call it.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          name: z.string().describe('Name of the tool, <server>.<tool>'),
        }),
      output: z => z.object({ tool: z.object({}).passthrough() }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        tool: await service.getTool(await readCaller(credentials), input.name),
      },
    }),
  });

  actionsRegistry.register({
    name: CALL_TOOL_ACTION,
    title: 'Call a tool',
    description:
      'Calls a tool of an MCP server with arguments that fit its schema. What it changes depends on the tool; read the tool first.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          name: z.string().describe('Name of the tool, <server>.<tool>'),
          arguments: z.record(z.unknown()).default({}),
        }),
      output: z =>
        z.object({
          callId: z.string(),
          content: z.array(z.object({}).passthrough()),
          structuredContent: z.unknown().optional(),
          isError: z.boolean(),
          durationMs: z.number(),
        }),
    },
    action: async ({ input, credentials }) => {
      const outcome = await gateway.call(
        await readCaller(credentials),
        input.name,
        input.arguments,
      );
      return { output: { ...outcome, content: [...outcome.content] } };
    },
  });

  actionsRegistry.register({
    name: 'list-tool-changes',
    title: 'List changes of tools',
    description:
      'Lists what MCP servers changed about their tools, the newest first: how much it matters, what differs, and whether it waits for somebody to release or block it. For people.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          tool: z.string().optional().describe('Name of one tool'),
          state: z.enum(CHANGE_STATES).optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.listChanges(await readCaller(credentials), input),
    }),
  });

  actionsRegistry.register({
    name: 'decide-tool-change',
    title: 'Release or block a change of a tool',
    description:
      'Releases what an MCP server changed about a tool, so that agents use it as it is now, or blocks it, so that nobody can call the tool.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          changeId: z.string().uuid(),
          decision: z.enum(['release', 'block']),
          reason: z.string().trim().min(3).max(1000),
        }),
      output: z => z.object({ change: z.object({}).passthrough() }),
    },
    action: async ({ input, credentials }) => {
      const { changeId, ...decision } = input;
      return {
        output: {
          change: await service.decideChange(
            await readCaller(credentials),
            changeId,
            decision,
          ),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'list-tool-servers',
    title: 'List MCP servers',
    description:
      'Lists the MCP servers of the catalog: whether they answer, which protocol revision they speak and how many tools they have.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.listServers(await readCaller(credentials), input),
    }),
  });

  actionsRegistry.register({
    name: 'refresh-tool-servers',
    title: 'Refresh MCP servers',
    description:
      'Asks one MCP server, or all, for their tools now, instead of at the next scheduled visit.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          serverRef: z
            .string()
            .optional()
            .describe('Entity ref or name of one server; all when left out'),
        }),
      output: z => z.object({ items: z.array(z.object({}).passthrough()) }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.refreshServers(
        await readCaller(credentials),
        input,
      ),
    }),
  });
}

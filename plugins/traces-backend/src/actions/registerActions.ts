import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { KINDS } from '../store/database';
import type { TracesService } from '../service/TracesService';

const WITHIN = 'Group, user, system or domain: only what is of agents in it';
const TRACE_ID = /^[0-9a-f]{32}$/;
const READS = { readOnly: true, destructive: false, idempotent: true };

/** Every operation of the plugin that people have as an action, and so as an MCP tool. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  service: TracesService;
}) {
  const { actionsRegistry, service } = options;

  actionsRegistry.register({
    name: 'list-traces',
    title: 'List traces of agents',
    description:
      'Lists what agents did, the newest first: how long it took, what it cost in nano-USD, whether it failed. Of the last seven days unless a time is given.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(200).optional(),
          ownerRef: z.string().max(200).optional(),
          withinRef: z.string().max(200).optional().describe(WITHIN),
          userRef: z.string().max(200).optional(),
          sessionId: z.string().max(200).optional(),
          runId: z.string().max(200).optional(),
          status: z.enum(['ok', 'error']).optional(),
          model: z.string().max(200).optional(),
          tool: z.string().max(200).optional(),
          q: z
            .string()
            .max(200)
            .optional()
            .describe(
              'Part of a name, or words that were said where they are kept',
            ),
          from: z.string().datetime().optional(),
          to: z.string().datetime().optional(),
          minDurationMs: z.number().int().min(0).optional(),
          maxDurationMs: z.number().int().min(0).optional(),
          minCostNanoUsd: z.number().int().min(0).optional(),
          flagged: z.boolean().optional().describe('Those alone with a flag'),
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
      output: await service.listTraces(credentials, input),
    }),
  });

  actionsRegistry.register({
    name: 'get-trace',
    title: 'Read a trace',
    description:
      'Reads one trace with its first spans as a tree: agents, model calls, tool calls, retrievals, each with its time and cost.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          traceId: z.string().regex(TRACE_ID),
          parentId: z
            .string()
            .regex(/^[0-9a-f]{16}$/)
            .optional()
            .describe('Only what is below this span'),
          limit: z.number().int().min(1).max(500).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          trace: z.object({}).passthrough(),
          spans: z.array(z.object({}).passthrough()),
          totalSpans: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { traceId, limit = 100, ...query } = input;
      const trace = await service.getTrace(credentials, traceId);
      const { items, totalItems, nextCursor } = await service.listSpans(
        credentials,
        traceId,
        { ...query, limit },
      );
      return {
        output: {
          trace,
          spans: items,
          totalSpans: totalItems,
          ...(nextCursor && { nextCursor }),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'get-span',
    title: 'Read a span of a trace',
    description:
      'Reads the attributes and events of one span. What was said is in it only where the portal keeps it.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          traceId: z.string().regex(TRACE_ID),
          spanId: z.string().regex(/^[0-9a-f]{16}$/),
        }),
      output: z => z.object({ span: z.object({}).passthrough() }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        span: await service.getSpan(credentials, input.traceId, input.spanId),
      },
    }),
  });

  actionsRegistry.register({
    name: 'flag-trace',
    title: 'Flag a trace',
    description:
      'Flags a trace with a reason for others to look at; it is kept longer, and listed with flagged=true. A flag that it has is replaced.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          traceId: z.string().regex(TRACE_ID),
          reason: z.string().min(1).max(500).regex(/\S/),
        }),
      output: z => z.object({ trace: z.object({}).passthrough() }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        trace: await service.flagTrace(
          credentials,
          input.traceId,
          input.reason,
        ),
      },
    }),
  });

  actionsRegistry.register({
    name: 'unflag-trace',
    title: 'Take the flag of a trace away',
    description:
      'Takes away the flag of a trace, with who set it and why; the trace is then kept as long as others.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ traceId: z.string().regex(TRACE_ID) }),
      output: z => z.object({ trace: z.object({}).passthrough() }),
    },
    action: async ({ input, credentials }) => ({
      output: { trace: await service.flagTrace(credentials, input.traceId) },
    }),
  });

  actionsRegistry.register({
    name: 'erase-person-from-traces',
    title: 'Erase a person from traces',
    description:
      'Erases the name of a person from all traces for good, and the spans of those that were for them. By that person, or by who may erase people from the audit log.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ userRef: z.string().max(200) }),
      output: z => z.object({ traces: z.number() }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.erasePerson(credentials, input.userRef),
    }),
  });

  actionsRegistry.register({
    name: 'list-trace-sessions',
    title: 'List conversations with agents',
    description:
      'Lists conversations, the last used first, with how many traces, errors and how much money each had.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(200).optional(),
          from: z.string().datetime().optional(),
          to: z.string().datetime().optional(),
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
      output: await service.listSessions(credentials, input),
    }),
  });

  actionsRegistry.register({
    name: 'get-trace-series',
    title: 'Read figures of agents over time',
    description:
      'Latency (p50, p95, p99), throughput, errors, tokens and cost over time, for whole traces or one kind of span, by agent, owner, model or tool.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          from: z.string().datetime().optional(),
          to: z.string().datetime().optional(),
          groupBy: z.enum(['agent', 'owner', 'model', 'tool']).optional(),
          kind: z.enum(KINDS).optional(),
          agentRef: z.string().max(200).optional(),
          ownerRef: z.string().max(200).optional(),
          withinRef: z.string().max(200).optional().describe(WITHIN),
          model: z.string().max(200).optional(),
          tool: z.string().max(200).optional(),
          points: z.number().int().min(1).max(500).optional(),
          limit: z.number().int().min(1).max(20).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          intervalSeconds: z.number(),
          from: z.string(),
          to: z.string(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.getSeries(credentials, input),
    }),
  });

  actionsRegistry.register({
    name: 'get-trace-tail',
    title: 'Find where slow calls come from',
    description:
      'Tells which operations (models, tools, retrievals, guards), agents or owners most of the slowest twentieth of calls are of, with their times.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          from: z.string().datetime().optional(),
          to: z.string().datetime().optional(),
          by: z
            .enum(['operation', 'agent', 'owner', 'model', 'tool'])
            .optional(),
          agentRef: z.string().max(200).optional(),
          ownerRef: z.string().max(200).optional(),
          withinRef: z.string().max(200).optional().describe(WITHIN),
          model: z.string().max(200).optional(),
          tool: z.string().max(200).optional(),
          limit: z.number().int().min(1).max(20).optional(),
        }),
      output: z =>
        z.object({
          count: z.number(),
          slow: z.number(),
          thresholdMs: z.number().optional(),
          items: z.array(z.object({}).passthrough()),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await service.getTail(credentials, input),
    }),
  });
}

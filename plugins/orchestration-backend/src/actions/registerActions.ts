import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { AgentDirectory } from '../agents/AgentDirectory';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { rerun } from '../runs/rerun';
import type { Runs } from '../runs/Runs';
import { checkWorkflow } from '../workflows/checkWorkflow';
import {
  createdRunSchema,
  entityRefSchema,
  idSchema,
  runSchema,
  runSummarySchema,
  threadSchema,
} from './schemas';

/** How long an action waits for a run at most; then its caller may poll. */
const MAX_WAIT_SECONDS = 300;

/** Offers what the API can do with runs as actions, and so as MCP tools. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  agents: AgentDirectory;
  runs: Runs;
  feeds: RunEventFeeds;
}): void {
  const { actionsRegistry, agents, runs, feeds } = options;

  actionsRegistry.register({
    name: 'start-run',
    title: 'Start a run of an agent',
    description: `Asks an agent of the catalog to do something. Needs the agent's entity ref, such as agent:default/order-desk, and a message.
The run goes on in the background. Set waitSeconds to get the answer at once when it is there in time; otherwise look with get-run.
Give the threadId of an earlier run to go on with that conversation.`,
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          agentRef: entityRefSchema(z).describe('Entity ref of the agent'),
          message: z.string().min(1).max(100_000).describe('What to ask'),
          threadId: idSchema(z)
            .optional()
            .describe('Conversation to go on with'),
          rehearsal: z
            .boolean()
            .default(false)
            .describe(
              'Whether to only rehearse: tools that do more than read are left alone',
            ),
          waitSeconds: z
            .number()
            .min(0)
            .max(MAX_WAIT_SECONDS)
            .default(0)
            .describe('How long to wait for the answer'),
        }),
      output: z => runSchema(z),
    },
    action: async ({ input, credentials }) => {
      const context = { credentials };
      const { id } = await runs.create(
        {
          agentRef: input.agentRef,
          input: { message: input.message },
          ...(input.threadId ? { threadId: input.threadId } : {}),
          ...(input.rehearsal ? { rehearsal: {} } : {}),
        },
        context,
      );
      if (input.waitSeconds) {
        await feeds.ended(id, AbortSignal.timeout(input.waitSeconds * 1_000));
      }
      return { output: await runs.get(id, context) };
    },
  });

  actionsRegistry.register({
    name: 'get-run',
    title: 'Read a run',
    description:
      'Gives a run of an agent with its status, its answer or error, what it cost in nano-USD (1e-9 US dollars), and each of its steps.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ id: idSchema(z).describe('Id of the run') }),
      output: z => runSchema(z),
    },
    action: async ({ input, credentials }) => {
      return { output: await runs.get(input.id, { credentials }) };
    },
  });

  actionsRegistry.register({
    name: 'list-runs',
    title: 'List runs',
    description:
      'Lists the runs of agents that you may read, the newest first, filtered by agent, status, creator, conversation or the run that they repeat. Pages with nextCursor.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: entityRefSchema(z).optional(),
          status: z
            .array(
              z.enum([
                'queued',
                'running',
                'interrupted',
                'succeeded',
                'failed',
                'cancelled',
              ]),
            )
            .optional(),
          createdBy: entityRefSchema(z).optional(),
          threadId: idSchema(z).optional(),
          forkedFrom: z
            .string()
            .uuid()
            .optional()
            .describe('Only runs that repeat this one'),
          rehearsal: z
            .boolean()
            .default(false)
            .describe('Only rehearsals, which are left out otherwise'),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(runSummarySchema(z)),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      return { output: await runs.list(input, { credentials }) };
    },
  });

  actionsRegistry.register({
    name: 'cancel-run',
    title: 'Stop a run',
    description:
      'Stops a run that is queued or under way. What its tools have done already is not undone. A run that has ended stays as it is.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ id: idSchema(z).describe('Id of the run') }),
      output: z => runSummarySchema(z),
    },
    action: async ({ input, credentials }) => {
      return { output: await runs.cancel(input.id, { credentials }) };
    },
  });

  actionsRegistry.register({
    name: 'fork-run',
    title: 'Repeat a run',
    description: `Starts a run that begins where a step of a run that has ended did, or at its start. It has the agent's definition of now and costs its own money.
Give a model to compare two, or say what some of the messages before the step should say instead. All calls from there on are made again, whatever they did before; of a workflow, what had ended before the step is kept.`,
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: idSchema(z).describe('Id of the run that is repeated'),
          fromStep: z
            .number()
            .int()
            .min(0)
            .optional()
            .describe(
              "Index of a step of the agent itself, or of one of a workflow's own nodes; left out, from the start",
            ),
          model: entityRefSchema(z)
            .optional()
            .describe('The model that all agents of the run use'),
          messages: z
            .array(
              z.object({
                id: z.number().int().describe('Number of the message'),
                content: z.string().min(1).max(100_000),
              }),
            )
            .max(100)
            .optional(),
          answers: z
            .array(
              z.object({
                step: z.number().int().min(0).describe('Index of the step'),
                values: z.record(z.string(), z.any()),
              }),
            )
            .max(100)
            .optional()
            .describe(
              'What nodes of a workflow set, or people answered, instead',
            ),
        }),
      output: z => createdRunSchema(z),
    },
    action: async ({ input: { id, ...request }, credentials }) => ({
      output: await runs.fork(id, request, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'rerun-runs',
    title: 'Repeat several runs',
    description:
      'Repeats runs that have ended from their start, up to 50, and tells of each what became of it. All calls are made again, whatever they did before.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          ids: z.array(idSchema(z)).min(1).max(50),
          model: entityRefSchema(z)
            .optional()
            .describe('The model that all agents of the run use'),
        }),
      output: z =>
        z.object({
          items: z.array(
            z.object({
              id: z.string(),
              run: createdRunSchema(z).optional(),
              error: z
                .object({ name: z.string(), message: z.string() })
                .optional(),
            }),
          ),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await rerun(runs, input, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'list-threads',
    title: 'List my conversations',
    description:
      'Lists your own conversations with agents, the latest first. Pages with nextCursor.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: entityRefSchema(z).optional(),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(
            z.object({
              id: z.string(),
              agentRef: z.string(),
              title: z.string(),
              updatedAt: z.string(),
              runCount: z.number(),
              isWaiting: z.boolean(),
            }),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      return { output: await runs.listThreads(input, { credentials }) };
    },
  });

  actionsRegistry.register({
    name: 'get-thread',
    title: 'Read a conversation of mine',
    description:
      'Gives the latest 200 messages of one of your conversations, the oldest first.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({ id: idSchema(z).describe('Id of the conversation') }),
      output: z => threadSchema(z),
    },
    action: async ({ input, credentials }) => {
      return { output: await runs.getThread(input.id, { credentials }) };
    },
  });

  actionsRegistry.register({
    name: 'validate-workflow',
    title: 'Look whether a workflow can be run',
    description:
      'Says what is wrong with spec.workflow of an agent: each problem with its place, the id of the node and a sentence. No problems means that it can be run.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          workflow: z.record(z.unknown()).describe('As in spec.workflow'),
          tools: z.array(entityRefSchema(z)).max(200).optional(),
          handoffs: z.array(entityRefSchema(z)).max(50).optional(),
        }),
      output: z =>
        z.object({
          problems: z.array(
            z.object({
              path: z.string(),
              nodeId: z.string().optional(),
              message: z.string(),
            }),
          ),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        problems: (await checkWorkflow(agents, input, credentials)).problems,
      },
    }),
  });

  actionsRegistry.register({
    name: 'get-agent-stats',
    title: 'How agents fared',
    description:
      'Counts the runs of agents over the last days: succeeded, failed, median duration, cost in nano-USD (1e-9 US dollars), and by UTC day.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRefs: z.array(entityRefSchema(z)).min(1).max(100),
          days: z.number().int().min(1).max(90).default(14),
        }),
      output: z =>
        z.object({
          items: z.array(
            z
              .object({
                agentRef: z.string(),
                runs: z.number(),
                succeeded: z.number(),
                failed: z.number(),
                costNanoUsd: z.number(),
              })
              .passthrough(),
          ),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await runs.stats(input, { credentials }),
    }),
  });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Experiments } from './Experiments';

const READS = { readOnly: true, destructive: false, idempotent: true };
/** What the agent says to people changes at once. */
const CHANGES = { readOnly: false, destructive: true, idempotent: false };

const METRICS = ['feedback', 'failures', 'latency', 'cost'] as const;

/** Every operation of this folder as an action, and so as an MCP tool. */
export function registerExperimentActions(options: {
  actionsRegistry: ActionsRegistryService;
  experiments: Experiments;
}) {
  const { actionsRegistry, experiments } = options;

  actionsRegistry.register({
    name: 'list-experiments',
    title: 'List experiments with agents on live traffic',
    description:
      'Lists experiments, the newest first, with arms, intervals, verdict and what was decided.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255).optional(),
          status: z
            .enum(['running', 'stopped', 'rolled-back', 'completed'])
            .optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().max(1_000).optional(),
        }),
      output: z =>
        z.object({ items: z.array(z.object({}).passthrough()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await experiments.list(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'get-experiment',
    title: 'Read an experiment with an agent',
    description:
      'Reads what an experiment on live traffic has come to so far: its verdict in a sentence, the intervals of each metric, how people were shared out, and what was decided. Looking early is safe.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().max(128) }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await experiments.get(credentials, input.id),
    }),
  });
  actionsRegistry.register({
    name: 'get-experiment-admission',
    title: 'Say whether an experiment with an agent may be started',
    description:
      'Says whether you may start an experiment with an agent now and, where not, why and what to do instead. Ask it before start-experiment.',
    attributes: READS,
    schema: {
      input: z => z.object({ agentRef: z.string().min(1).max(255) }),
      output: z =>
        z.object({ allowed: z.boolean(), sentence: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await experiments.mayStart(credentials, input.agentRef),
    }),
  });
  actionsRegistry.register({
    name: 'start-experiment',
    title: 'Try other instructions or another model on a share of real people',
    description:
      'Gives a share of the people who ask an agent a candidate with other instructions or another model, from now on and for real. It is rolled back by itself when runs fail, people complain, or time or cost are surely worse. Refused where people have to approve such a change.',
    attributes: CHANGES,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          title: z.string().min(1).max(100),
          hypothesis: z.string().max(1_000).optional(),
          candidate: z.object({
            instructions: z.string().min(1).max(32_000).optional(),
            model: z.string().min(3).max(255).optional(),
          }),
          share: z.number().min(0.01).max(1).optional(),
          ramp: z.boolean().default(false),
          metric: z.enum(METRICS).default('failures'),
          guards: z.array(z.enum(METRICS)).max(4).optional(),
          smallestDifference: z.number().min(0.005).max(0.5).default(0.05),
          evaluationId: z.string().max(128).optional(),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await experiments.start(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'stop-experiment',
    title: 'Stop an experiment with an agent',
    description:
      'Gives everybody the version in force again, within seconds. An experiment that was stopped does not go on.',
    attributes: CHANGES,
    schema: {
      input: z =>
        z.object({
          id: z.string().max(128),
          reason: z.string().min(1).max(1_000),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await experiments.stop(credentials, input.id, input.reason),
    }),
  });
}

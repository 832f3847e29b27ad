import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Delivery } from '../delivery/Delivery';
import type { Quality } from './Quality';
import type { Scorecards } from './Scorecards';

const READS = { readOnly: true, destructive: false, idempotent: true };

/** Every operation of scorecards, quality and delivery as an action, and so as an MCP tool. */
export function registerScorecardActions(options: {
  actionsRegistry: ActionsRegistryService;
  delivery: Delivery;
  quality: Quality;
  scorecards: Scorecards;
}) {
  const { actionsRegistry, delivery, quality, scorecards } = options;

  actionsRegistry.register({
    name: 'list-scorecards',
    title: 'List how agents stand, the weakest first',
    description:
      'Lists agents with their level (none, bronze, silver, gold) and every check with what was found, and how many agents have each level.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          ownerRef: z.string().max(255).optional(),
          level: z.enum(['none', 'bronze', 'silver', 'gold']).optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().max(1_000).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          levels: z.record(z.number()).optional(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await scorecards.list(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'get-scorecard',
    title: 'Read the scorecard of an agent',
    description:
      'Reads the level of an agent, each check with its evidence and what to do about it, five figures with their days, and the last decision.',
    attributes: READS,
    schema: {
      input: z => z.object({ agentRef: z.string().max(255) }),
      output: z => z.object({ agentRef: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await scorecards.get(credentials, input.agentRef),
    }),
  });
  actionsRegistry.register({
    name: 'list-level-changes',
    title: 'List the levels that an agent had',
    description: 'Lists changes of level with their reasons, the newest first.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().max(1_000).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await scorecards.history(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'decide-on-agent',
    title: 'Write down whether an agent is kept, improved or retired',
    description:
      'Writes down what a person decided in the periodic review of an agent, and when the next one is. Nothing happens to the agent by it. Each call is one more decision.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          decision: z.enum(['keep', 'improve', 'retire']),
          note: z.string().max(2_000).optional(),
          nextInDays: z.number().int().min(1).max(365).default(90),
        }),
      output: z => z.object({ agentRef: z.string() }).passthrough(),
    },
    action: async ({ input: { agentRef, ...request }, credentials }) => ({
      output: await scorecards.decide(credentials, agentRef, request),
    }),
  });
  actionsRegistry.register({
    name: 'get-agent-delivery',
    title: 'Read how agents are changed',
    description:
      'Reads by owner how often agents in production are changed, how long a change takes, how many changes fail and how long repair takes, each with its count.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          ownerRef: z.string().max(255).optional(),
          agentRef: z.string().max(255).optional(),
          days: z.number().int().min(7).max(365).optional(),
        }),
      output: z =>
        z.object({
          days: z.number(),
          items: z.array(z.object({}).passthrough()),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await delivery.read(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'get-agent-quality',
    title: 'Read how good answers of agents were, by day',
    description:
      'Reads by day how many answers people were content with and how many cases of evaluations were right, of an agent, an owner, or the agents of a group, system or domain.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255).optional(),
          ownerRef: z.string().max(255).optional(),
          withinRef: z.string().max(255).optional(),
          from: z.string().datetime().optional(),
          to: z.string().datetime().optional(),
        }),
      output: z => z.object({ items: z.array(z.object({}).passthrough()) }),
    },
    action: async ({ input, credentials }) => ({
      output: await quality.read(credentials, input),
    }),
  });
}

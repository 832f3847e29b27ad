import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Alarms } from './Alarms';

/** Every operation of this folder as an action, and so as an MCP tool. */
export function registerAlarmActions(options: {
  actionsRegistry: ActionsRegistryService;
  alarms: Alarms;
}) {
  const { actionsRegistry, alarms } = options;

  actionsRegistry.register({
    name: 'list-alarms',
    title: 'List what became worse about agents',
    description:
      'Lists alarms, the newest first: runs that fail, calls that are refused, runs that take longer or cost more than is usual for the agent, with since when, how much, the runs, and whether people said that it was real.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255).optional(),
          status: z.enum(['open', 'real', 'not-real', 'unanswered']).optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().max(1_000).optional(),
        }),
      output: z =>
        z.object({ items: z.array(z.object({}).passthrough()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await alarms.list(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'answer-alarm',
    title: 'Say whether an alarm about an agent was real',
    description:
      'Keeps whether something was really wrong. After a false alarm what is usual is learned anew. Ask the owner of the agent; do not guess.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z => z.object({ id: z.string().max(128), real: z.boolean() }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await alarms.answer(credentials, input.id, input.real),
    }),
  });
}

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
      'Lists alarms, the newest first: runs that fail, calls that are refused, runs that take longer, cost more or use more tokens than is usual for the agent, tools in an unusual order, answers about something else, more calls that change something; with since when, how much, the runs, what is muted, and whether people said that it was real.',
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
  actionsRegistry.register({
    name: 'mute-alarm',
    title: 'Mute alarms of one kind about an agent for some days',
    description:
      'Has no more alarms about the same thing of the agent as this alarm, for 1 to 90 days. Give the reason that the owner of the agent gave; do not make one up.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(128),
          reason: z.string().min(1).max(1_000),
          days: z.number().int().min(1).max(90).optional(),
        }),
      output: z => z.object({ until: z.string() }).passthrough(),
    },
    action: async ({ input: { id, ...mute }, credentials }) => ({
      output: await alarms.mute(credentials, id, mute),
    }),
  });
  actionsRegistry.register({
    name: 'unmute-alarm',
    title: 'Have alarms of one kind about an agent again',
    description:
      'Ends what mute-alarm began; nothing changes where nothing is muted.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string().max(128) }),
      output: z => z.object({ muted: z.boolean() }),
    },
    action: async ({ input, credentials }) => {
      await alarms.unmute(credentials, input.id);
      return { output: { muted: false } };
    },
  });
}

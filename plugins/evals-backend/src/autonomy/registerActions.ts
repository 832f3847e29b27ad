import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Autonomy } from './Autonomy';

/** Every operation of this folder as an action, and so as an MCP tool. */
export function registerAutonomyActions(options: {
  actionsRegistry: ActionsRegistryService;
  autonomy: Autonomy;
}) {
  const { actionsRegistry, autonomy } = options;

  actionsRegistry.register({
    name: 'get-earned-autonomy',
    title: 'Read which tools an agent may call without asking, and why',
    description:
      'Tells for each tool of an agent whether people are asked about its calls, how often they approved them as they were, how sure that makes it, and what is missing before it can be proposed that they are asked no more.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ agentRef: z.string().max(255) }),
      output: z =>
        z.object({ tools: z.array(z.object({}).passthrough()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await autonomy.get(credentials, input.agentRef),
    }),
  });
  actionsRegistry.register({
    name: 'propose-earned-autonomy',
    title: 'Propose that an agent calls a tool without asking',
    description:
      'Asks the people whom the approval matrix names that an agent may call one tool without an approval. Refused until enough was shown. While they have not decided, asking again changes nothing.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          toolRef: z.string().max(255),
          reason: z.string().max(200).optional(),
        }),
      output: z => z.object({ approvalId: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await autonomy.propose(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'end-earned-autonomy',
    title: 'Let people be asked again about a tool of an agent',
    description:
      'Takes back that an agent may call a tool without an approval. It has to be earned anew, with decisions that are made from now on.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          toolRef: z.string().max(255),
          reason: z.string().min(3).max(500),
        }),
      output: z =>
        z.object({ tools: z.array(z.object({}).passthrough()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await autonomy.end(credentials, input),
    }),
  });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Proposals } from './Proposals';

const READS = { readOnly: true, destructive: false, idempotent: true };
const ADDS = { readOnly: false, destructive: false, idempotent: false };

/** Every operation of this folder as an action, and so as an MCP tool. */
export function registerProposalActions(options: {
  actionsRegistry: ActionsRegistryService;
  proposals: Proposals;
}) {
  const { actionsRegistry, proposals } = options;

  actionsRegistry.register({
    name: 'list-failure-clusters',
    title: 'List what an agent does wrong, put together',
    description:
      'Puts together failed cases of the newest evaluations, conversations that reviewers found bad, and thumbs-down of an agent that look alike, the most frequent first, with the failures behind each.',
    attributes: READS,
    schema: {
      input: z => z.object({ agentRef: z.string().max(255) }),
      output: z =>
        z.object({ items: z.array(z.object({}).passthrough()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.clusters(credentials, input.agentRef),
    }),
  });
  actionsRegistry.register({
    name: 'list-proposals',
    title: 'List proposed changes of agents',
    description:
      'Lists changes that people propose because of what agents do wrong, the newest first.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255).optional(),
          status: z.enum(['open', 'adopted', 'dropped']).optional(),
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
      output: await proposals.list(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'get-proposal',
    title: 'Read a proposed change of an agent',
    description: 'Reads a proposal with the failures behind it.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().max(128) }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.get(credentials, input.id),
    }),
  });
  actionsRegistry.register({
    name: 'create-proposal',
    title: 'Propose a change of an agent',
    description:
      'Proposes other instructions or another model because of a cluster of failures. The agent stays as it is.',
    attributes: ADDS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          clusterId: z.string().max(300),
          title: z.string().min(3).max(150),
          reason: z.string().max(2_000).optional(),
          candidate: z.object({
            instructions: z.string().min(1).max(32_000).optional(),
            model: z.string().max(255).optional(),
          }),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.create(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'draft-proposal',
    title:
      'Have a model draft a change of an agent because of what it does wrong',
    description:
      'Has the model that the operator named write changed instructions out of a cluster of failures. What comes of it is a proposal that says so; the agent stays as it is. Costs a call of the model.',
    attributes: ADDS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(255),
          clusterId: z.string().max(300),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.draft(credentials, input),
    }),
  });
  actionsRegistry.register({
    name: 'evaluate-proposal',
    title: 'Evaluate a proposed change of an agent',
    description:
      'Asks the proposed version every question of a data set, in rehearsals, and compares it with the version in force.',
    attributes: ADDS,
    schema: {
      input: z =>
        z.object({
          id: z.string().max(128),
          dataSetId: z.string().max(128),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.evaluate(credentials, input.id, input.dataSetId),
    }),
  });
  actionsRegistry.register({
    name: 'get-proposal-change',
    title: 'Read a proposal as a change of the agent’s file',
    description:
      'Gives the fields of the file that differ, as YAML, and a text for whoever reviews the change.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().max(128) }),
      output: z =>
        z.object({
          title: z.string(),
          yaml: z.string(),
          pullRequest: z.string(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await proposals.change(credentials, input.id),
    }),
  });
  actionsRegistry.register({
    name: 'close-proposal',
    title: 'Say what became of a proposed change',
    description:
      'Closes a proposal as adopted or dropped. It changes no agent, and cannot be opened again.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(128),
          status: z.enum(['adopted', 'dropped']),
          note: z.string().max(2_000).optional(),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input: { id, ...input }, credentials }) => ({
      output: await proposals.close(credentials, id, input),
    }),
  });
}

import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { parseEntityRef } from '@backstage/catalog-model';
import { agentsAgentReadPermission } from '@agentportal/plugin-agents-common';
import { authorizeAgentRead } from '../authorizeAgentRead';
import type { AgentDirectory } from '../listing/AgentDirectory';
import { requireRef } from '../identities/agentRef';
import { agentListSchema, readRequest } from '../listing/AgentFilter';

/** What people do on the Agents page, for programs and agents. */
export function registerAgentActions(options: {
  registry: ActionsRegistryService;
  directory: AgentDirectory;
  permissions: PermissionsService;
}): void {
  const { registry, directory, permissions } = options;
  const attributes = { readOnly: true, destructive: false, idempotent: true };

  registry.register({
    name: 'list-agents',
    title: 'List agents',
    description:
      'Finds AI agents of this company by words and by owner, domain, system, lifecycle, autonomy, model, tool or type. ' +
      'Returns the name, purpose, owner, model and tools of each, the own agents of the caller first. ' +
      'Give nextCursor back as cursor, with the same filters, for the next page.',
    attributes,
    visibilityPermission: agentsAgentReadPermission,
    schema: {
      input: z => {
        const words = (what: string) =>
          z.array(z.string()).optional().describe(what);
        return z.object({
          q: z
            .string()
            .optional()
            .describe('Words in the name, title, description or tags'),
          owner: words('Entity refs of groups or users'),
          domain: words('Entity refs of domains'),
          system: words('Entity refs of systems'),
          lifecycle: words(
            'experimental, review, production, suspended, retired',
          ),
          autonomy: words('copilot, supervised, autopilot'),
          model: words('Entity refs of models or routes'),
          tool: words('Entity refs of tools'),
          type: words('assistant, workflow, orchestrator, external'),
          mine: z
            .enum(['first', 'only'])
            .optional()
            .describe('Own agents first, or only those'),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        });
      },
      output: z =>
        z.object({
          items: z.array(z.object({}).passthrough()),
          totalItems: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      await authorizeAgentRead(permissions, credentials);
      const request = readRequest(agentListSchema, input);
      return { output: await directory.list(request, credentials) };
    },
  });

  registry.register({
    name: 'get-agent',
    title: 'Get agent',
    description:
      'Tells what an AI agent is for, who owns it and answers for it, which model and tools it may use, and how autonomous it is.',
    attributes,
    visibilityPermission: agentsAgentReadPermission,
    schema: {
      input: z =>
        z.object({
          agentRef: z
            .string()
            .describe('Entity ref such as agent:default/claims-triage'),
        }),
      output: z => z.object({ ref: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => {
      await authorizeAgentRead(permissions, credentials);
      const ref = requireRef('agentRef', input.agentRef, 'Agent');
      return {
        output: await directory.get(parseEntityRef(ref), credentials),
      };
    },
  });
}

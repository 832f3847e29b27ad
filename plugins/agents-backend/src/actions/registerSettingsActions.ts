import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { AgentAccess } from '../access/AgentAccess';
import { requireRef } from '../identities/agentRef';

const AGENT_REF = 'Entity ref such as agent:default/claims-triage';
/** As in the document of the HTTP API. */
const NO_NUL = /^[^\0]*$/;
const COMMIT = /^[0-9a-f]{40}$/;
const READS = { readOnly: true, destructive: false, idempotent: true };

/** What people set of agents, for their programs. Agents are refused, as with all that decides about agents. */
export function registerSettingsActions(options: {
  registry: ActionsRegistryService;
  access: AgentAccess;
}): void {
  const { registry, access } = options;

  registry.register({
    name: 'get-agent-settings',
    title: 'Get the settings of an agent',
    description:
      'Tells what people set of an AI agent: title, purpose, instructions, model, tools, autonomy, example questions and limits; where that is kept, and whether the caller may change it. With a revision, as it was then.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          revision: z
            .string()
            .regex(COMMIT)
            .optional()
            .describe('From list-agent-revisions'),
        }),
      output: z => z.object({ settings: z.any() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await access.settings(readRef(input), input.revision, {
        credentials,
      }),
    }),
  });

  registry.register({
    name: 'change-agent-settings',
    title: 'Change the settings of an agent',
    description:
      'Commits new settings to the repository of an AI agent, in the name of the caller. Give all settings, also those that stay, and the revision that get-agent-settings told. Setting lifecycle to retired ends the agent. In production what it gains waits for approval, where the portal asks people.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z => {
        const text = (most: number) =>
          z.string().min(1).max(most).regex(NO_NUL);
        const whole = (least: number, most: number) =>
          z.number().int().min(least).max(most).optional();
        return z.object({
          agentRef: z.string().describe(AGENT_REF),
          revision: z.string().regex(COMMIT),
          message: text(500).min(3).describe('Why, for the history'),
          settings: z
            .object({
              title: text(80).min(2).optional(),
              description: text(500),
              instructions: text(50_000).optional(),
              model: text(200).optional(),
              lifecycle: z.enum([
                'experimental',
                'review',
                'production',
                'suspended',
                'retired',
              ]),
              autonomy: z.enum(['copilot', 'supervised', 'autopilot']),
              tools: z.array(text(200)).max(200),
              exampleQuestions: z.array(text(500)).max(20),
              monthlyBudgetUsd: z.number().min(0).max(1_000_000).optional(),
              quotas: z
                .object({
                  maxTokens: whole(1, 100_000_000),
                  maxCostUsd: z.number().min(0.000001).max(10_000).optional(),
                  maxDurationSeconds: whole(1, 604_800),
                  maxToolCalls: whole(0, 10_000),
                  maxSteps: whole(1, 10_000),
                })
                .strict(),
            })
            .strict(),
        });
      },
      output: z => z.object({ settings: z.any() }).passthrough(),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...change } = input;
      return {
        output: await access.changeSettings(readRef({ agentRef }), change, {
          credentials,
        }),
      };
    },
  });

  registry.register({
    name: 'list-agent-revisions',
    title: 'List the revisions of an agent',
    description:
      'Tells who changed an AI agent, when and why, the newest first. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...page } = input;
      return {
        output: await access.listRevisions(readRef({ agentRef }), page, {
          credentials,
        }),
      };
    },
  });
}

function readRef({ agentRef }: { agentRef: string }): string {
  return requireRef('agentRef', agentRef, 'Agent');
}

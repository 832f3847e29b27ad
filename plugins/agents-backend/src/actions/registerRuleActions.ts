import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { RULE_MODES } from '@agentportal/agent-rules';
import type { AuthorizedRules } from '../rules/AuthorizedRules';

const READS = { readOnly: true, destructive: false, idempotent: true };

/** What people do with the rules for tool calls, for their programs. Agents are refused. */
export function registerRuleActions(options: {
  registry: ActionsRegistryService;
  rules: AuthorizedRules;
}): void {
  const { registry, rules } = options;

  registry.register({
    name: 'decide-agent-calls',
    title: 'What would be decided about tool calls',
    description:
      'Answers for up to 100 tool calls whether an AI agent may make them, and by which rules, in a sentence. Nothing is called. Without args only what needs no call is decided.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          items: z
            .array(
              z.object({
                agentRef: z.string().describe('Such as agent:default/helper'),
                toolRef: z.string().describe('Such as tool:default/crm.refund'),
                personRef: z.string().optional().describe('For whom it acts'),
                args: z.record(z.string(), z.any()).optional(),
                at: z.string().optional().describe('ISO 8601; now if absent'),
              }),
            )
            .min(1)
            .max(100),
        }),
      output: z => z.object({ items: z.array(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: await rules.decide(input.items, credentials),
    }),
  });

  registry.register({
    name: 'list-agent-rules',
    title: 'List rules for tool calls',
    description:
      'Lists the texts of rules (Cedar) that AI agents are held to when they call tools, with their source, mode and mistakes. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await rules.list(input, credentials),
    }),
  });

  registry.register({
    name: 'check-agent-rules',
    title: 'Check a text of rules',
    description:
      'Finds the mistakes of a text of rules for tool calls (Cedar), with line, column and tool. Keeps nothing.',
    attributes: READS,
    schema: {
      input: z => z.object({ text: z.string().max(65_536) }),
      output: z => z.object({ problems: z.array(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: await rules.check(input.text, credentials),
    }),
  });

  registry.register({
    name: 'simulate-agent-rules',
    title: 'Try rules on recorded calls',
    description:
      'Replays recorded tool calls of AI agents with a text of rules and tells which of them it would have refused. Changes nothing.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          text: z.string().max(65_536),
          from: z.string().describe('ISO 8601'),
          to: z.string().describe('ISO 8601'),
          agentRef: z.string().optional(),
          limit: z.number().int().min(1).max(100).default(25),
          offset: z.number().int().min(0).max(50_000).default(0),
        }),
      output: z => z.object({ summary: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await rules.simulate(input, credentials),
    }),
  });

  registry.register({
    name: 'get-agent-rule-report',
    title: 'What rules refused',
    description:
      'Tells by rule how many tool calls of AI agents it refused, or would have refused while it is log-only, with the last examples.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          days: z.number().int().min(1).max(90).default(7),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await rules.report(input, credentials),
    }),
  });

  registry.register({
    name: 'put-agent-rules',
    title: 'Write rules for tool calls',
    description:
      'Writes a text of rules (Cedar) that AI agents are held to, in seconds, everywhere; it takes the place of the text of that name, which stays in the history. A text with mistakes is refused.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
          text: z.string().max(65_536),
          mode: z.enum(RULE_MODES).optional(),
          comment: z.string().min(3).max(500).describe('Why, for the history'),
          version: z
            .number()
            .int()
            .min(0)
            .optional()
            .describe('The version that was changed'),
        }),
      output: z => z.object({ name: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => {
      const { name, ...change } = input;
      return { output: await rules.put(name, change, credentials) };
    },
  });
}

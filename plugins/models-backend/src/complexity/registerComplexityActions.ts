import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ComplexityApi } from './ComplexityApi';

/** Offers outcomes as actions, and so as MCP tools. */
export function registerComplexityActions(
  registry: ActionsRegistryService,
  complexity: ComplexityApi,
): void {
  registry.register({
    name: 'record-call-outcome',
    title: 'Tell whether a model call was a success',
    description:
      'Tells whether the answer to a model call was good, so that routes by complexity learn which requests weaker models can answer. Saying it again replaces what was said.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          callId: z
            .string()
            .min(1)
            .max(20)
            .describe('From the header x-agent-portal-call-id of the answer'),
          succeeded: z.boolean(),
          score: z
            .number()
            .min(0)
            .max(1)
            .optional()
            .describe('How good the answer was, from 0 to 1'),
        }),
      output: z =>
        z.object({
          callId: z.string(),
          succeeded: z.boolean(),
          score: z.number().optional(),
          usedForRouting: z.boolean(),
          message: z.string(),
        }),
    },
    action: async ({ input: { callId, ...outcome }, credentials }) => ({
      output: await complexity.recordOutcome(callId, outcome, credentials),
    }),
  });

  registry.register({
    name: 'list-complexity-calibrations',
    title: 'List what routing has learned',
    description:
      'Lists, for each owner of agents, up to which complexity (0 to 1) each tier of models serves, and the outcomes that this rests on. Owners that are missing have the default.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z
            .string()
            .optional()
            .describe('nextCursor of the page before'),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await complexity.listCalibrations(input, credentials),
    }),
  });
}

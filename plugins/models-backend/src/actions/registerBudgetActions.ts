import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { BudgetsApi } from '../api/BudgetsApi';
import { SCOPE_TYPES, WINDOWS } from '../budgets/budget';

const READS = { readOnly: true, destructive: false, idempotent: true } as const;

/** Offers what people can do with budgets as actions, and so as MCP tools. */
export function registerBudgetActions(
  registry: ActionsRegistryService,
  budgets: BudgetsApi,
): void {
  registry.register({
    name: 'list-budgets',
    title: 'List budgets of model calls',
    description:
      'Lists budgets with limit, spent, held and left of the current window in nano-USD (1e-9 USD), and when they renew.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          scopeType: z.enum(SCOPE_TYPES).optional(),
          scopeRef: z.string().max(300).optional(),
          source: z.enum(['api', 'config', 'catalog']).optional(),
          q: z
            .string()
            .max(200)
            .optional()
            .describe('Words that the type or the ref of the scope must have'),
          order: z
            .enum(['created', 'nearest'])
            .optional()
            .describe(
              'nearest: those with the least left of their limit first',
            ),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          mayCreate: z.boolean(),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await budgets.list(input, credentials),
    }),
  });

  registry.register({
    name: 'get-budget',
    title: 'Get a budget of model calls',
    description:
      'Reads one budget with its usage in the current window and its latest changes.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().max(24) }),
      output: z =>
        z.object({
          budget: z.record(z.any()),
          changes: z.array(z.record(z.any())),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        budget: await budgets.get(input.id, credentials),
        changes: (await budgets.history(input.id, {}, credentials)).items,
      },
    }),
  });

  registry.register({
    name: 'create-budget',
    title: 'Create a budget of model calls',
    description:
      'Limits what model calls of a scope may cost per hour, day, month (UTC) or in total. Calls without room are refused from now on.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          scope: z.object({
            type: z.enum(SCOPE_TYPES),
            ref: z
              .string()
              .max(300)
              .optional()
              .describe(
                'Entity ref, run id or gateway id of a model; none for the organisation',
              ),
          }),
          window: z.enum(WINDOWS),
          limitNanoUsd: z
            .number()
            .int()
            .min(0)
            .max(Number.MAX_SAFE_INTEGER)
            .describe('1 USD is 1000000000'),
          softThresholds: z
            .array(z.number().positive().max(10))
            .max(10)
            .optional()
            .describe('Parts of the limit to be told about, such as 0.8'),
        }),
      output: z => z.object({ budget: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { budget: await budgets.create(input, credentials) },
    }),
  });

  registry.register({
    name: 'update-budget',
    title: 'Change a budget of model calls',
    description:
      'Sets limit and soft thresholds of a budget. A lower limit stops further calls; what is spent stays spent.',
    // Overwrites the limit that was there.
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(24),
          limitNanoUsd: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
          softThresholds: z
            .array(z.number().positive().max(10))
            .max(10)
            .optional(),
        }),
      output: z => z.object({ budget: z.record(z.any()) }),
    },
    action: async ({ input: { id, ...terms }, credentials }) => ({
      output: { budget: await budgets.update(id, terms, credentials) },
    }),
  });

  registry.register({
    name: 'delete-budget',
    title: 'Delete a budget of model calls',
    description: 'Removes a limit: its scope may then spend without it.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string().max(24) }),
      output: z => z.object({ deleted: z.literal(true) }),
    },
    action: async ({ input, credentials }) => {
      await budgets.delete(input.id, credentials);
      return { output: { deleted: true as const } };
    },
  });

  registry.register({
    name: 'check-budgets',
    title: 'Check the counters of budgets',
    description:
      'Adds up ledger and holds anew and compares that with the counter of every budget. Changes nothing.',
    attributes: READS,
    schema: {
      input: z => z.object({}),
      output: z => z.object({ check: z.record(z.any()) }),
    },
    action: async ({ credentials }) => ({
      output: { check: await budgets.check(credentials) },
    }),
  });
}

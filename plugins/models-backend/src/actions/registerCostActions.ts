import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { z as Zod } from 'zod/v3';
import type { CostsApi } from '../api/CostsApi';

const DIMENSIONS = [
  'agent',
  'owner',
  'system',
  'domain',
  'model',
  'user',
  'key',
  'day',
  'run',
] as const;

const READS = { readOnly: true, destructive: false, idempotent: true } as const;

/** Whose calls are asked about, as the API has it. */
const account = (z: typeof Zod) => ({
  agentRef: z.string().optional(),
  ownerRef: z.string().optional(),
  systemRef: z.string().optional(),
  domainRef: z.string().optional(),
  model: z.string().optional().describe('Gateway id'),
  userRef: z.string().optional(),
  keyId: z.string().optional().describe('Id of the key of a program'),
  runId: z.string().optional(),
});

/** Offers what people can ask about costs as actions, and so as MCP tools. */
export function registerCostActions(
  registry: ActionsRegistryService,
  costs: CostsApi,
): void {
  registry.register({
    name: 'get-costs',
    title: 'Get costs of model calls',
    description:
      'Sums calls, tokens, cost and savings in nano-USD (1e-9 USD) of model calls, grouped by agent, owner, system, domain, model, user, key, day (UTC) or run; the dearest group first. Default time is the current month.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          groupBy: z.enum(DIMENSIONS),
          splitBy: z.enum(DIMENSIONS).optional(),
          from: z
            .string()
            .optional()
            .describe('First moment, UTC date or date-time'),
          to: z.string().optional().describe('Moment after the last'),
          ...account(z),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          totals: z.record(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await costs.getCosts(input, credentials),
    }),
  });

  registry.register({
    name: 'forecast-costs',
    title: 'Forecast the costs of this month',
    description:
      'Tells what model calls of the current calendar month (UTC) have cost and will have cost by its end, as a range, in nano-USD (1e-9 USD), with the monthly budget if there is one.',
    attributes: READS,
    schema: {
      input: z => z.object(account(z)),
      output: z => z.object({ forecast: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { forecast: await costs.forecast(input, credentials) },
    }),
  });
}

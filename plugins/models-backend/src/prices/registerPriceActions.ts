import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { PricesApi } from './PricesApi';

/** Offers what people can ask of prices as an action, and so as an MCP tool. */
export function registerPriceActions(
  registry: ActionsRegistryService,
  api: PricesApi,
): void {
  registry.register({
    name: 'list-model-prices',
    title: 'List the prices of a model',
    description:
      'Reads what a model costs now, with its rates for cached tokens, sounds, long contexts and service tiers, and which prices it had before. In nano-USD (1e-9 USD).',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z
            .string()
            .describe('Gateway id such as openai/gpt-5.1, or entity ref'),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z
            .string()
            .optional()
            .describe('nextCursor of the page before'),
        }),
      output: z =>
        z.object({
          current: z.record(z.any()).nullable(),
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input: { id, ...query }, credentials }) => ({
      output: await api.list(id, query, credentials),
    }),
  });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ModelsApi } from '../api/ModelsApi';

const READS = { readOnly: true, destructive: false, idempotent: true } as const;

/** Offers what people can do in the API as actions, and so as MCP tools. */
export function registerModelActions(
  registry: ActionsRegistryService,
  api: ModelsApi,
): void {
  registry.register({
    name: 'list-models',
    title: 'List models',
    description:
      'Lists the models and routes that can be called through the model gateway, with price in nano-USD (1e-9 USD) per million tokens, context window, status and usage of the last 30 days.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          q: z
            .string()
            .max(200)
            .optional()
            .describe('Words to find in the id, title or description'),
          type: z.enum(['chat', 'embedding', 'route']).optional(),
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
      output: await api.listModels(input, credentials),
    }),
  });

  registry.register({
    name: 'get-model',
    title: 'Get a model',
    description: 'Reads one model or route of the model gateway.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          id: z
            .string()
            .describe(
              'Gateway id such as openai/gpt-5.1, name of a route, or entity ref',
            ),
        }),
      output: z => z.object({ model: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { model: await api.getModel(input.id, credentials) },
    }),
  });

  registry.register({
    name: 'list-providers',
    title: 'List model providers',
    description:
      'Lists the providers that models are called at, and whether they answered when last asked.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await api.listProviders(input, credentials),
    }),
  });

  registry.register({
    name: 'list-calls',
    title: 'List model calls',
    description:
      'Lists single model calls from the ledger, the newest first: model, status, tokens, cost in nano-USD, and on whose account.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          runId: z.string().optional(),
          agentRef: z.string().optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await api.listCalls(input, credentials),
    }),
  });
}

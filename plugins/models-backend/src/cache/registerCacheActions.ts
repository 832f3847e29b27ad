import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CacheApi } from './CacheApi';

/** Offers what people can do with answers from memory as actions. */
export function registerCacheActions(
  registry: ActionsRegistryService,
  cache: CacheApi,
): void {
  registry.register({
    name: 'get-answer-cache',
    title: 'See which answers are remembered',
    description:
      'Counts the answers of models that are remembered now, by agent, with how often they were given again and what that saved in nano-USD (1e-9 USD).',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(300).optional(),
          limit: z.number().int().min(1).max(100).optional(),
          cursor: z.string().optional(),
        }),
      output: z =>
        z.object({
          embeddings: z.string(),
          sealed: z.boolean(),
          totals: z.record(z.any()),
          items: z.array(z.record(z.any())),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await cache.stats(input, credentials),
    }),
  });

  registry.register({
    name: 'purge-answer-cache',
    title: 'Forget remembered answers',
    description:
      'Deletes the answers that were remembered for an agent, a key or a person, or all of them, in every process at once. Say exactly one of agentRef, keyId, userRef and all.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().max(300).optional(),
          keyId: z.string().max(64).optional(),
          userRef: z.string().max(300).optional(),
          all: z.boolean().optional(),
        }),
      output: z => z.object({ deleted: z.number().int() }),
    },
    action: async ({ input, credentials }) => ({
      output: await cache.purge(input, credentials),
    }),
  });
}

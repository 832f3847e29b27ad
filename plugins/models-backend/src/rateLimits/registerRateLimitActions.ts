import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { SCOPE_TYPES } from '../budgets/budget';
import { MEASURES } from './rateLimit';
import type { RateLimitsApi } from './RateLimitsApi';

const MAX = 1_000_000_000_000;

/** Offers what people can do with rate limits as actions, and so as MCP tools. */
export function registerRateLimitActions(
  registry: ActionsRegistryService,
  limits: RateLimitsApi,
): void {
  registry.register({
    name: 'list-model-rate-limits',
    title: 'List rate limits of model calls',
    description:
      'Lists how many requests or tokens per minute, or calls at once, a scope may have, and how much of it is left now.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          scopeType: z.enum(SCOPE_TYPES).optional(),
          scopeRef: z.string().max(300).optional(),
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
      output: await limits.list(input, credentials),
    }),
  });

  registry.register({
    name: 'create-model-rate-limit',
    title: 'Create a rate limit of model calls',
    description:
      'Limits how fast a scope may call models. Calls beyond are refused with 429 and told when to come back.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          scope: z.object({
            type: z.enum(SCOPE_TYPES),
            ref: z.string().max(300).optional(),
          }),
          measure: z.enum(MEASURES),
          limit: z
            .number()
            .int()
            .min(0)
            .max(MAX)
            .describe('Per minute, or at once for parallel'),
          burst: z.number().int().min(1).max(MAX).optional(),
        }),
      output: z => z.object({ rateLimit: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { rateLimit: await limits.create(input, credentials) },
    }),
  });

  registry.register({
    name: 'update-model-rate-limit',
    title: 'Change a rate limit of model calls',
    description: 'Sets how much a rate limit lets through from now on.',
    // Overwrites the limit that was there.
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(24),
          limit: z.number().int().min(0).max(MAX),
          burst: z.number().int().min(1).max(MAX).optional(),
        }),
      output: z => z.object({ rateLimit: z.record(z.any()) }),
    },
    action: async ({ input: { id, ...terms }, credentials }) => ({
      output: { rateLimit: await limits.update(id, terms, credentials) },
    }),
  });

  registry.register({
    name: 'delete-model-rate-limit',
    title: 'Delete a rate limit of model calls',
    description: 'Removes a limit: its scope may then call without it.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string().max(24) }),
      output: z => z.object({ deleted: z.literal(true) }),
    },
    action: async ({ input, credentials }) => {
      await limits.delete(input.id, credentials);
      return { output: { deleted: true as const } };
    },
  });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { WINDOWS } from '../budgets/budget';
import { KEY_STATES } from './key';
import type { KeysApi } from './KeysApi';

const READS = { readOnly: true, destructive: false, idempotent: true } as const;

/** Offers what people can do with keys as actions, and so as MCP tools. */
export function registerKeyActions(
  registry: ActionsRegistryService,
  keys: KeysApi,
): void {
  registry.register({
    name: 'list-model-keys',
    title: 'List keys for model calls',
    description:
      'Lists the keys with which programs call models: owner, models, state, expiry, last use and cost of this month in nano-USD (1e-9 USD). Secrets are never in it.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          q: z.string().max(200).optional(),
          ownerRef: z.string().max(300).optional(),
          state: z.enum(KEY_STATES).optional(),
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
      output: await keys.list(input, credentials),
    }),
  });

  registry.register({
    name: 'get-model-key',
    title: 'Get a key for model calls',
    description:
      'Reads one key and the latest of what was done with it. Its secret is not in it.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().max(16) }),
      output: z =>
        z.object({
          key: z.record(z.any()),
          changes: z.array(z.record(z.any())),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: {
        key: await keys.get(input.id, credentials),
        changes: (await keys.history(input.id, {}, credentials)).items,
      },
    }),
  });

  registry.register({
    name: 'create-model-key',
    title: 'Create a key for model calls',
    description:
      'Makes a key with which a program that is not an agent calls models. THE OUTPUT HOLDS THE SECRET OF THE KEY, in clear and this once: hand it to the person who asked and keep it nowhere else.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          title: z.string().min(1).max(200),
          ownerRef: z
            .string()
            .min(1)
            .max(300)
            .describe('Entity ref of the group or user that answers for it'),
          systemRef: z.string().min(1).max(300).optional(),
          models: z
            .array(z.string().min(1).max(300))
            .min(1)
            .max(100)
            .describe('Gateway ids, names of routes, or `*` alone for all'),
          dataClassification: z
            .enum(['public', 'internal', 'confidential', 'restricted'])
            .optional(),
          expiresAt: z
            .string()
            .datetime()
            .optional()
            .describe('Default is in 90 days'),
          budget: z
            .object({
              window: z.enum(WINDOWS),
              limitNanoUsd: z
                .number()
                .int()
                .min(0)
                .max(Number.MAX_SAFE_INTEGER)
                .describe('1 USD is 1000000000'),
            })
            .optional(),
          rateLimits: z
            .object({
              requestsPerMinute: z.number().int().min(0).optional(),
              tokensPerMinute: z.number().int().min(0).optional(),
              parallel: z.number().int().min(0).optional(),
            })
            .optional(),
        }),
      output: z => z.object({ key: z.record(z.any()), secret: z.string() }),
    },
    action: async ({ input, credentials }) => ({
      output: await keys.create(input, credentials),
    }),
  });

  registry.register({
    name: 'update-model-key',
    title: 'Change a key for model calls',
    description:
      'Sets title, models or expiry of a key. Calls to models that are taken from it are refused from now on.',
    // Overwrites what was there.
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(16),
          title: z.string().min(1).max(200).optional(),
          models: z
            .array(z.string().min(1).max(300))
            .min(1)
            .max(100)
            .optional(),
          expiresAt: z.string().datetime().optional(),
        }),
      output: z => z.object({ key: z.record(z.any()) }),
    },
    action: async ({ input: { id, ...terms }, credentials }) => ({
      output: { key: await keys.update(id, terms, credentials) },
    }),
  });

  registry.register({
    name: 'rotate-model-key',
    title: 'Rotate the secret of a key for model calls',
    description:
      'Gives a key a new secret; older ones end after the overlap, a day unless it is said. THE OUTPUT HOLDS THE NEW SECRET, in clear and this once: hand it to the person who asked and keep it nowhere else.',
    // The older secrets end.
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string().max(16),
          overlapSeconds: z.number().int().min(0).max(2_592_000).optional(),
        }),
      output: z => z.object({ key: z.record(z.any()), secret: z.string() }),
    },
    action: async ({ input: { id, ...rotation }, credentials }) => ({
      output: await keys.rotate(id, rotation, credentials),
    }),
  });

  registry.register({
    name: 'revoke-model-key',
    title: 'Revoke a key for model calls',
    description:
      'Ends a key for good: programs that use it are refused everywhere within a second. It cannot be taken back.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z => z.object({ id: z.string().max(16) }),
      output: z => z.object({ key: z.record(z.any()) }),
    },
    action: async ({ input, credentials }) => ({
      output: { key: await keys.revoke(input.id, credentials) },
    }),
  });
}

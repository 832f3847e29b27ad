import { createPrivateKey } from 'node:crypto';
import { usdToNano } from '@agentportal/plugin-agents-common';
import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';
import { cacheSchema } from '../cache/cacheConfig';
import { SCOPE_TYPES, WINDOWS } from '../budgets/budget';
import type { ModelRetention } from '../budgets/CallRetention';
import { priceListSchema, priceSchema } from '../prices/priceConfig';
import { rateLimitSchema } from '../rateLimits/rates';

const nanoUsd = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const secret = z.string().min(1).max(10_000);

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** One of several credentials of a provider: a key, or what tokens are made with. */
const credentialSchema = z
  .strictObject({
    apiKey: secret.optional(),
    entra: z
      .strictObject({
        tenantId: z.string().min(1).max(200),
        clientId: z.string().min(1).max(200),
        clientSecret: secret,
        scope: z.string().min(1).max(300).optional(),
        authority: z.url({ protocol: /^https?$/ }).optional(),
      })
      .optional(),
    google: z
      .strictObject({
        clientEmail: z.string().min(1).max(300),
        privateKey: secret.refine(isPrivateKey, {
          message: 'must be a private key in PEM, with its line breaks',
        }),
        tokenUri: z.url({ protocol: /^https?$/ }).optional(),
      })
      .optional(),
    aws: z
      .strictObject({
        accessKeyId: z.string().min(1).max(200),
        secretAccessKey: secret,
        sessionToken: secret.optional(),
        region: z.string().regex(/^[a-z0-9-]{1,40}$/),
        service: z
          .string()
          .regex(/^[a-z0-9-]{1,40}$/)
          .optional(),
      })
      .optional(),
    weight: z.number().positive().max(1_000).optional(),
    requestsPerMinute: z.number().int().positive().max(1_000_000).optional(),
  })
  .refine(
    ({ apiKey, aws, entra, google }) =>
      [apiKey, aws, entra, google].filter(each => each !== undefined).length ===
      1,
    { message: 'needs one of apiKey, entra, google and aws' },
  );

const providerSchema = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,39}$/,
        'must be of lower-case letters, digits and dashes',
      ),
    type: z.enum(['openai', 'anthropic', 'gemini']),
    baseUrl: z.url({ protocol: /^https?$/ }).optional(),
    apiKey: z.string().min(1).optional(),
    credentials: z.array(credentialSchema).min(1).max(50).optional(),
    keyHeader: z.enum(['bearer', 'api-key']).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    models: z.array(z.string().min(1).max(200)).optional(),
    priceList: z.string().optional(),
    responses: z.boolean().optional(),
    /** Its models cost nothing, where no price is told. */
    free: z.boolean().optional(),
    region: z
      .string()
      .regex(/^\S{1,40}$/, 'must be one word, such as eu, us or local')
      .optional(),
  })
  .refine(({ apiKey, credentials }) => !apiKey || !credentials, {
    message: 'has apiKey or credentials, not both',
  });

const modelsConfigSchema = z.object({
  providers: z.array(providerSchema).default([]),
  prices: z.array(priceSchema).default([]),
  priceLists: z.array(priceListSchema).default([]),
  unpriced: z.enum(['allow', 'refuse']).default('refuse'),
  detectOllama: z.boolean().default(true),
  dataPolicy: z
    .array(
      z.strictObject({
        classification: z.enum([
          'public',
          'internal',
          'confidential',
          'restricted',
        ]),
        regions: z.array(z.string().min(1).max(40)),
      }),
    )
    .default([]),
  budgets: z
    .array(
      z
        .strictObject({
          scope: z.strictObject({
            type: z.enum(SCOPE_TYPES),
            ref: z.string().min(1).max(300).optional(),
          }),
          window: z.enum(WINDOWS),
          limitNanoUsd: nanoUsd.optional(),
          limitUsd: z
            .union([z.string(), z.number()])
            .transform(value => usdToNano(String(value)))
            .refine(value => value !== undefined, {
              message: 'must be an amount in dollars such as 250 or "0.50"',
            })
            .optional(),
          softThresholds: z.array(z.number().positive().max(10)).optional(),
        })
        .refine(
          budget =>
            (budget.limitNanoUsd === undefined) !==
            (budget.limitUsd === undefined),
          { message: 'needs one of limitNanoUsd and limitUsd' },
        )
        // Money has one unit and one name from here on.
        .transform(({ limitUsd, limitNanoUsd, ...budget }) => ({
          ...budget,
          limitNanoUsd: limitNanoUsd ?? limitUsd ?? 0,
        })),
    )
    .default([]),
  cache: cacheSchema,
  serviceAccounts: z
    .array(
      z.strictObject({
        subject: z.string().min(1).max(200),
        owner: z.string().min(1).max(300),
      }),
    )
    .default([]),
  budgetWebhooks: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[\w-]{1,11}$/, 'must be a word of at most 11 characters'),
        url: z.url({ protocol: /^https?$/ }).max(2_000),
        secret: z
          .string()
          .regex(
            /^(whsec_)?([A-Za-z0-9+/]{4}){8,100}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
            'must be at least 24 bytes in base64, as `openssl rand -base64 32` makes them',
          ),
      }),
    )
    .max(20)
    .refine(hooks => new Set(hooks.map(({ id }) => id)).size === hooks.length, {
      message: 'must have different ids',
    })
    .default([]),
  budgetWaitSeconds: z.number().min(0).max(30).default(1),
  rateLimits: z.array(rateLimitSchema).default([]),
  keys: z
    .strictObject({
      defaultDays: z.number().positive().max(36_500).default(90),
      maxDays: z.number().positive().max(36_500).default(365),
      allowNeverExpiring: z.boolean().default(false),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxRequestBytes: z.number().int().positive().optional(),
      maxCallSeconds: z.number().positive().optional(),
      maxOutputTokens: z.number().int().positive().optional(),
      maxFirstByteSeconds: z.number().positive().optional(),
      maxCalls: z.number().int().positive().default(1_000),
      maxTotalRequestBytes: z.number().int().positive().default(268_435_456),
      readOnSeconds: z.number().min(0).max(60).optional(),
      drainSeconds: z.number().min(0).max(3_600).default(30),
    })
    .prefault({}),
});

/** A credential as app-config sets it up. */
export type CredentialConfig = z.infer<typeof credentialSchema>;

/** A provider as app-config or the environment sets it up. */
export type ProviderConfig = z.infer<typeof providerSchema> & {
  /** Hidden until it answers for the first time. */
  optional?: boolean;
};

export type ModelsConfig = z.infer<typeof modelsConfigSchema> & {
  retention: ModelRetention;
};

const KEPT_DAYS: ModelRetention = { calls: 400, costs: 1_830 };

/** Reads `models` of app-config. */
export function readModelsConfig(config: Config): ModelsConfig {
  const parsed = modelsConfigSchema.safeParse(
    config.getOptional('models') ?? {},
  );
  if (!parsed.success) {
    // Only paths and rules: the values may be keys.
    const where = parsed.error.issues
      .map(issue => `models.${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    throw new InputError(
      `The app-config of the model service is wrong: ${where}`,
    );
  }
  const ids = parsed.data.providers.map(provider => provider.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) {
    throw new InputError(
      `models.providers has two entries with the id ${twice}; give each its own.`,
    );
  }
  return { ...parsed.data, retention: readRetention(config) };
}

function readRetention(config: Config): ModelRetention {
  const kept = (what: keyof ModelRetention) =>
    readMilliseconds(
      config,
      `models.retention.${what}`,
      KEPT_DAYS[what] * 86_400_000,
    );
  const retention = { calls: kept('calls'), costs: kept('costs') };
  if (retention.costs < retention.calls) {
    throw new InputError(
      'models.retention.costs is shorter than that of calls, which are what costs are made of. Make it at least as long.',
    );
  }
  return retention;
}

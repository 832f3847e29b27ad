import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

const DAY_MS = 86_400_000;

const schema = z.object({
  content: z.boolean().default(false),
  decoders: z.number().int().min(1).max(16).default(1),
  maxSpansOfRequest: z.number().int().min(1).max(100_000).default(20_000),
  maxSpansOfTrace: z.number().int().min(1).max(100_000).default(20_000),
  maxSpans: z.number().int().min(1_000).default(20_000_000),
  sampledShare: z.number().min(0).max(1).default(0.05),
  forward: z
    .array(
      z.strictObject({
        url: z.url({ protocol: /^https?$/ }),
        headers: z.record(z.string(), z.string()).default({}),
      }),
    )
    .max(10)
    .default([]),
});

/** The `traces` section of the app's configuration, after defaults. */
export type TracesConfig = z.output<typeof schema> & {
  /** In milliseconds. */
  retention: { spans: number; notable: number; summaries: number };
};

/** Reads the configuration; a wrong value stops the plugin with a sentence. */
export function readTracesConfig(config: Config): TracesConfig {
  const { retention: _, ...given } = (config.getOptional('traces') ??
    {}) as Record<string, unknown>;
  const result = schema.safeParse(given);
  if (!result.success) {
    throw new InputError(
      `The configuration of traces is not valid:\n${z.prettifyError(
        result.error,
      )}`,
    );
  }
  const duration = (key: string, days: number) =>
    readMilliseconds(config, `traces.retention.${key}`, days * DAY_MS);
  return {
    ...result.data,
    retention: {
      spans: duration('spans', 7),
      notable: duration('notable', 30),
      summaries: duration('summaries', 90),
    },
  };
}

import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';
import type { RunLimits } from './execution/Budget';

const positive = z.number().positive();
const count = z.number().int().positive();

const schema = z.object({
  workers: count.max(1_000).default(8),
  defaultModel: z.string().min(1).default('model:default/balanced'),
  defaultQuotas: z
    .object({
      maxTokens: count.default(200_000),
      maxCostUsd: positive.default(1),
      maxDurationSeconds: positive.default(300),
      maxToolCalls: count.default(25),
      maxSteps: count.default(50),
    })
    .prefault({}),
  loopThreshold: count.min(2).default(3),
  maxHandoffDepth: z.number().int().nonnegative().default(2),
  toolTimeoutSeconds: positive.default(60),
  conversation: z
    .object({
      maxTurns: z.number().int().nonnegative().default(20),
      maxTokens: z.number().int().nonnegative().default(8_000),
    })
    .prefault({}),
  leaseSeconds: positive.default(30),
  shutdownGraceSeconds: z.number().nonnegative().default(5),
});

/** The `orchestration` section of the app's configuration, after defaults. */
export type OrchestrationConfig = Omit<
  z.output<typeof schema>,
  'defaultQuotas'
> & { defaultLimits: RunLimits };

/** Reads the configuration; a wrong value stops the plugin with a sentence. */
export function readOrchestrationConfig(config: Config): OrchestrationConfig {
  const result = schema.safeParse(config.getOptional('orchestration') ?? {});
  if (!result.success) {
    throw new InputError(
      `The configuration of orchestration is not valid:\n${z.prettifyError(
        result.error,
      )}`,
    );
  }
  const { defaultQuotas, ...rest } = result.data;
  const { maxCostUsd, ...limits } = defaultQuotas;
  return {
    ...rest,
    defaultLimits: { ...limits, maxCostNanoUsd: Math.round(maxCostUsd * 1e9) },
  };
}

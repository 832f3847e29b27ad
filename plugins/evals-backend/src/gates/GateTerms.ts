import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

const DAY_MS = 86_400_000;
const DEFAULT_MAX_AGE_MS = 30 * DAY_MS;

const share = z.number().gt(0).lt(1);

/** What an agent must pass, as a data set says it. */
export const gateTermsSchema = z.strictObject({
  atLeast: share,
  confidence: share.default(0.95),
  minimumCases: z.number().int().min(1).max(2_000).default(20),
});

/** What an agent must pass. */
export type GateTerms = z.output<typeof gateTermsSchema>;

const ruleSchema = gateTermsSchema.extend({
  for: z
    .strictObject({
      riskTier: z
        .array(z.enum(['read', 'write', 'external', 'critical', 'forbidden']))
        .min(1)
        .optional(),
      lifecycle: z.array(z.string()).min(1).optional(),
      agentRef: z.array(z.string()).min(1).optional(),
    })
    .default({}),
});

/** A gate that the operator set, for agents that all of `for` fits. */
export type GateRule = z.output<typeof ruleSchema> & { maxAgeMs: number };

/**
 * Reads `evals.gates`.
 *
 * @throws InputError with the place of what is wrong
 */
export function readGates(config: Config): GateRule[] {
  const list = config.getOptionalConfigArray('evals.gates') ?? [];
  return list.map((each, index) => {
    const { maxAge: _, ...given } = each.get() as Record<string, unknown>;
    const parsed = ruleSchema.safeParse(given);
    if (!parsed.success) {
      throw new InputError(
        `Correct evals.gates[${index}] in app-config:\n${z.prettifyError(
          parsed.error,
        )}`,
      );
    }
    return {
      ...parsed.data,
      maxAgeMs: readMilliseconds(each, 'maxAge', DEFAULT_MAX_AGE_MS),
    };
  });
}

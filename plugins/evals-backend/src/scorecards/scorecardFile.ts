import { readFileSync } from 'node:fs';
import { RISK_TIERS } from '@agentportal/plugin-agents-common';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { parse } from 'yaml';
import { z } from 'zod/v4';
import { FACT_NAMES } from './facts';

/** Levels, the easiest first. */
export const LEVELS = ['bronze', 'silver', 'gold'] as const;

const checkSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'write small letters, digits and hyphens')
      .max(60),
    title: z.string().min(1).max(100),
    why: z.string().min(1).max(500),
    fix: z.string().min(1).max(500),
    level: z.enum(LEVELS),
    fact: z.enum(FACT_NAMES),
    /** A number of the fact's unit, of which one is given unless the fact is a yes or no. */
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    /** Fewer are no evidence. */
    samples: z.number().int().min(0).max(1_000_000).default(0),
    confidence: z.number().min(0.5).max(0.999).default(0.95),
    /** Failing it lowers the level at once, and not after two computations. */
    severe: z.boolean().default(false),
    /** Of which agents it is asked; of all unless said. */
    applies: z
      .strictObject({
        lifecycle: z.array(z.string()).optional(),
        riskTier: z.array(z.enum(RISK_TIERS)).optional(),
      })
      .default({}),
  })
  .refine(check => check.atLeast === undefined || check.atMost === undefined, {
    error: 'give atLeast or atMost, not both',
  });

const fileSchema = z.strictObject({
  checks: z
    .array(checkSchema)
    .min(1)
    .max(100)
    .refine(
      checks => new Set(checks.map(({ id }) => id)).size === checks.length,
      { error: 'two checks have the same id' },
    ),
});

/** One thing that agents are held to. */
export type Check = z.output<typeof checkSchema>;

const DEFAULT_FILE = resolvePackagePath(
  '@agentportal/plugin-evals-backend',
  'assets',
  'scorecard.yaml',
);

/**
 * Reads what agents are held to: the checks of `evals.scorecard.checks`, or those that
 * come with the plugin. A wrong file stops the plugin with a sentence.
 */
export function readScorecard(config: Config): Check[] {
  const given = config.getOptional('evals.scorecard');
  const file = given ?? parse(readFileSync(DEFAULT_FILE, 'utf8'));
  const result = fileSchema.safeParse(file);
  if (!result.success) {
    throw new InputError(
      `The checks of evals.scorecard are not valid:\n${z.prettifyError(
        result.error,
      )}`,
    );
  }
  return result.data.checks;
}

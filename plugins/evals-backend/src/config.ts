import {
  DATA_CLASSIFICATIONS,
  DEFAULT_DATA_CLASSIFICATION,
} from '@agentportal/plugin-agents-common';
import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';
import { type GateRule, readGates } from './gates/GateTerms';

const DAY_MS = 86_400_000;

const share = z.number().min(0).max(1);

const schema = z.object({
  questionsAtOnce: z.number().int().min(1).max(20).default(2),
  services: z
    .array(
      z.strictObject({
        subject: z.string().min(1).max(255),
        person: z.string().regex(/^user:[^/]+\/.+$/),
      }),
    )
    .default([]),
  judge: z
    .object({
      model: z.string().min(1),
      upTo: z.enum(DATA_CLASSIFICATIONS).default(DEFAULT_DATA_CLASSIFICATION),
    })
    .optional(),
  drafts: z
    .object({
      model: z.string().min(1),
      upTo: z.enum(DATA_CLASSIFICATIONS).default(DEFAULT_DATA_CLASSIFICATION),
      perDay: z.number().int().min(1).max(1_000).default(20),
    })
    .optional(),
  reviews: z
    .object({
      sampled: z
        .object({
          read: share.default(0.01),
          write: share.default(0.02),
          external: share.default(0.05),
          critical: share.default(0.1),
          unknown: share.default(0.02),
        })
        .prefault({}),
      failedPerDay: z.number().int().min(0).max(1_000).default(20),
    })
    .prefault({}),
  alarms: z
    .object({ falseAlarmDays: z.number().positive().max(365).default(30) })
    .prefault({}),
  autonomy: z
    .object({
      target: z
        .object({
          write: z.number().min(0.5).max(0.999).default(0.95),
          external: z.number().min(0.5).max(0.999).default(0.98),
        })
        .prefault({}),
      confidence: z.number().min(0.8).max(0.999).default(0.95),
      minimumDecisions: z.number().int().min(1).max(2_000).default(30),
      minimumDays: z.number().min(0).max(365).default(14),
      minimumDeciders: z.number().int().min(1).max(100).default(2),
      askedShare: z.number().min(0.01).max(1).default(0.05),
      lookBackDays: z.number().positive().max(730).default(365),
    })
    .prefault({}),
  experiments: z
    .object({
      stepHours: z.number().positive().max(8_760).default(24),
      peoplePerArm: z.number().int().min(2).max(100_000).default(30),
      maxDays: z.number().positive().max(365).default(60),
    })
    .prefault({}),
});

/** The `evals` section of the app's configuration, after defaults. */
export type EvalsConfig = z.output<typeof schema> & {
  gates: GateRule[];
  /** In milliseconds. */
  retention: { evaluations: number; experiments: number; feedback: number };
};

/** Reads the configuration; a wrong value stops the plugin with a sentence. */
export function readEvalsConfig(config: Config): EvalsConfig {
  const result = schema.safeParse(config.getOptional('evals') ?? {});
  if (!result.success) {
    throw new InputError(
      `The configuration of evals is not valid:\n${z.prettifyError(
        result.error,
      )}`,
    );
  }
  const { autonomy } = result.data;
  const kept = (what: string, days: number) =>
    readMilliseconds(config, `evals.retention.${what}`, days * DAY_MS);
  const retention = {
    evaluations: kept('evaluations', 180),
    experiments: kept('experiments', 400),
    feedback: kept('feedback', 400),
  };
  return {
    ...result.data,
    autonomy: {
      ...autonomy,
      // What happened before is forgotten by then, and must not count as if it had not.
      lookBackDays: Math.min(
        autonomy.lookBackDays,
        retention.feedback / DAY_MS,
        retention.experiments / DAY_MS,
      ),
    },
    gates: readGates(config),
    retention,
  };
}

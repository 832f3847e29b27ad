import { fullRefOf } from '@agentportal/plugin-agents-common';
import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

const positive = z.number().positive();
const count = z.number().int().positive();

const agentRefOf = (ref: string) => fullRefOf(ref, 'Agent') ?? ref;
const originOf = (url: string) => new URL(url).origin;

const KEPT_DAYS = { events: 30, steps: 90, runs: 365, stats: 400 };
/** Of the newest runs of an agent, whatever their age. */
const KEPT_OF_AGENT = { events: 20_000, steps: 50_000, runs: 200_000 };

const schema = z.object({
  workers: count.max(1_000).default(8),
  waiting: z
    .object({
      perPerson: count.default(20),
      perAgent: count.default(100),
      perOwner: count.default(200),
      total: count.default(1_000),
    })
    .prefault({}),
  parallel: z
    .object({ perAgent: count.optional(), perOwner: count.optional() })
    .prefault({}),
  onBehalfOf: z
    .object({ allowedServices: z.array(z.string().min(1)).default([]) })
    .prefault({}),
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
  stallThreshold: count.min(2).default(8),
  maxHandoffDepth: z.number().int().nonnegative().default(2),
  toolTimeoutSeconds: positive.default(60),
  conversation: z
    .object({
      maxTurns: z.number().int().nonnegative().default(20),
      maxTokens: z.number().int().nonnegative().default(8_000),
    })
    .prefault({}),
  triggers: z
    .object({ eventTopics: z.array(z.string().min(1)).default([]) })
    .prefault({}),
  checkpoints: z
    .object({
      keys: z
        .array(z.strictObject({ id: z.string(), secret: z.string() }))
        .default([]),
    })
    .prefault({}),
  a2a: z
    .object({
      publicCards: z.boolean().default(false),
      publicPeers: z.boolean().default(true),
      peers: z
        .array(
          z.strictObject({
            origin: z.url({ protocol: /^https?$/ }).transform(originOf),
            agents: z.array(z.string().transform(agentRefOf)).min(1),
            headers: z.record(z.string(), z.string()).default({}),
          }),
        )
        .default([]),
      pushHosts: z.array(z.string().min(1)).default([]),
      idleTimeoutSeconds: positive.default(60),
    })
    .prefault({}),
  retention: z
    .object({
      perAgent: z
        .object({
          events: count.optional(),
          steps: count.optional(),
          runs: count.default(KEPT_OF_AGENT.runs),
        })
        .prefault({}),
    })
    .prefault({}),
  leaseSeconds: positive.default(6),
  shutdownGraceSeconds: z.number().nonnegative().default(5),
});

/** Limits of a run after defaults; money in nano-USD. */
export interface RunLimits {
  maxTokens: number;
  maxCostNanoUsd: number;
  maxDurationSeconds: number;
  maxToolCalls: number;
  maxSteps: number;
}

/** How long things are kept after a run has ended, in milliseconds, and of how many runs. */
export interface Retention {
  events: number;
  steps: number;
  runs: number;
  stats: number;
  /** Of the newest so many runs of an agent. */
  perAgent: { events: number; steps: number; runs: number };
}

/** In milliseconds. */
export const DAY_MS = 86_400_000;

/** Longer than approvals last that nobody escalates. */
const MAX_WAIT_MS = 7 * DAY_MS;

/** The `orchestration` section of the app's configuration, after defaults. */
export type OrchestrationConfig = Omit<
  z.output<typeof schema>,
  'defaultQuotas' | 'retention'
> & {
  defaultLimits: RunLimits;
  retention: Retention;
  /** How long a run may wait for people in all, before its right to work ends. */
  maxWaitMs: number;
};

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
  const { defaultQuotas, retention, ...rest } = result.data;
  const { maxCostUsd, ...limits } = defaultQuotas;
  return {
    ...rest,
    defaultLimits: { ...limits, maxCostNanoUsd: Math.round(maxCostUsd * 1e9) },
    retention: readRetention(config, retention.perAgent),
    maxWaitMs: readMilliseconds(
      config,
      'orchestration.maxWaitForPeople',
      MAX_WAIT_MS,
    ),
  };
}

function readRetention(
  config: Config,
  perAgent: z.output<typeof schema>['retention']['perAgent'],
): Retention {
  const kept = (what: keyof typeof KEPT_DAYS) =>
    readMilliseconds(
      config,
      `orchestration.retention.${what}`,
      KEPT_DAYS[what] * DAY_MS,
    );
  const { runs } = perAgent;
  const retention = {
    events: kept('events'),
    steps: kept('steps'),
    runs: kept('runs'),
    stats: kept('stats'),
    perAgent: {
      events: perAgent.events ?? Math.min(runs, KEPT_OF_AGENT.events),
      steps: perAgent.steps ?? Math.min(runs, KEPT_OF_AGENT.steps),
      runs,
    },
  };
  if (retention.runs < Math.max(retention.steps, retention.events)) {
    throw new InputError(
      'orchestration.retention.runs is shorter than that of steps or events, which go with their run. Make it at least as long.',
    );
  }
  if (runs < Math.max(retention.perAgent.steps, retention.perAgent.events)) {
    throw new InputError(
      'orchestration.retention.perAgent.runs is less than that of steps or events, which go with their run. Make it at least as many.',
    );
  }
  return retention;
}

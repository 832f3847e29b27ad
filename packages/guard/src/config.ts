import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod/v4';
import type { TopicRule } from './content/topics';
import {
  agentRefsSchema,
  DEFAULT_POLICY,
  type GuardPolicy,
  guardPolicySchema,
} from './policy';

/**
 * What the operator says of the guard, the same for every gateway.
 *
 * @public
 */
export interface GuardConfig {
  policy: GuardPolicy;
  /** Of tokens; 32 bytes. */
  secret: Buffer;
  /** Hosts to which links in answers may lead, as `docs.acme.example` or `*.acme.example`. */
  linkHosts: string[];
  topics: TopicRule[];
}

const term = z
  .string()
  .max(80)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}' -]*\*?$/u, {
    message: 'must be words, the last with * where it is only their beginning',
  });
const topicSchema = z.strictObject({
  name: z.string().min(1).max(80),
  stance: z.enum(['avoid', 'only']).default('avoid'),
  terms: z.array(term).min(1).max(500),
  atLeast: z.int().min(1).max(10).default(2),
  agents: agentRefsSchema.optional(),
});

const schema = z.strictObject({
  rules: guardPolicySchema.default([]),
  topics: z.array(topicSchema).max(100).default([]),
  secret: z.string().min(32).optional(),
  linkHosts: z
    .array(
      z.string().regex(/^(?:\*\.)?[a-z0-9.-]{1,253}$/, {
        message: 'must be a host in lower case, or *. before one',
      }),
    )
    .max(1_000)
    .default([]),
});

/** Where neither a secret nor keys are configured, tokens are those of one process. */
const SECRET_OF_PROCESS = randomBytes(32);

/**
 * Reads `guard` of the configuration. The secret is its own, or else made of the first
 * of `backend.auth.keys`, so that both gateways and all replicas have the same.
 *
 * @throws Error that names the key and not the value
 * @public
 */
export function readGuardConfig(config: {
  getOptional(key: string): unknown;
}): GuardConfig {
  const read = schema.safeParse(config.getOptional('guard') ?? {});
  if (!read.success) {
    throw new Error(
      `Correct guard in app-config: ${z.prettifyError(read.error)}`,
    );
  }
  const { linkHosts, rules, secret, topics } = read.data;
  const [key] = z
    .array(z.looseObject({ secret: z.string().min(1) }))
    .catch([])
    .parse(config.getOptional('backend.auth.keys') ?? []);
  const shared = secret ?? key?.secret;
  return {
    policy: [...DEFAULT_POLICY, ...rules],
    topics,
    secret:
      shared === undefined
        ? SECRET_OF_PROCESS
        : createHash('sha256').update(`guard tokens\n${shared}`).digest(),
    linkHosts: [
      ...linkHosts,
      ...['app.baseUrl', 'backend.baseUrl'].flatMap(name => {
        const url = config.getOptional(name);
        return typeof url === 'string' && URL.canParse(url)
          ? [new URL(url).hostname]
          : [];
      }),
    ],
  };
}

/**
 * Within what an agent reads again what it has read, which is where tokens hold: the
 * conversation, else the run; outside of runs, all that it does.
 *
 * @public
 */
export function conversationOf(run: {
  agentRef: string;
  delegationId?: string;
  runId?: string;
  sessionId?: string;
}): string {
  return run.sessionId ?? run.runId ?? run.delegationId ?? run.agentRef;
}

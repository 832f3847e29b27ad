import type { z as Zod } from 'zod/v3';

/** What the HTTP API takes for a ref; see `openapi.yaml`. */
export function entityRefSchema(z: typeof Zod) {
  return z
    .string()
    .min(3)
    .max(255)
    .regex(/^[!-~]+$/);
}

/** What the HTTP API takes for an id of a run or a conversation. */
export function idSchema(z: typeof Zod) {
  return z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9-]+$/);
}

/** A run that was started. */
export function createdRunSchema(z: typeof Zod) {
  return z.object({
    id: z.string(),
    status: z.string(),
    threadId: z.string(),
  });
}

/** A run without steps, as actions give it out. */
export function runSummarySchema(z: typeof Zod) {
  return z.object({
    id: z.string(),
    agentRef: z.string(),
    agentTitle: z.string().optional(),
    threadId: z.string(),
    status: z.string(),
    createdBy: z.string(),
    onBehalfOf: z.string().optional(),
    input: z.object({ message: z.string() }),
    forkedFrom: z
      .object({
        runId: z.string(),
        step: z.number().optional(),
        model: z.string().optional(),
      })
      .optional(),
    rehearsal: z.boolean().optional(),
    candidate: z
      .object({
        digest: z.string(),
        instructions: z.boolean(),
        model: z.string().optional(),
      })
      .optional(),
    output: z.object({ message: z.string() }).optional(),
    error: z.object({ name: z.string(), message: z.string() }).optional(),
    usage: z.object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      costNanoUsd: z.number(),
      modelCalls: z.number(),
      toolCalls: z.number(),
    }),
    createdAt: z.string(),
    startedAt: z.string().optional(),
    finishedAt: z.string().optional(),
    durationMs: z.number().optional(),
  });
}

/** A run with its steps. */
export function runSchema(z: typeof Zod) {
  return runSummarySchema(z).extend({
    steps: z.array(
      z
        .object({
          id: z.string(),
          index: z.number(),
          kind: z.string(),
          name: z.string(),
          status: z.string(),
          startedAt: z.string(),
        })
        .passthrough(),
    ),
    messages: z
      .array(z.object({ id: z.number(), role: z.string() }).passthrough())
      .optional(),
  });
}

/** A conversation with its messages. */
export function threadSchema(z: typeof Zod) {
  return z.object({
    id: z.string(),
    agentRef: z.string(),
    messages: z.array(
      z.object({
        role: z.string(),
        content: z.string(),
        runId: z.string(),
        createdAt: z.string(),
      }),
    ),
  });
}

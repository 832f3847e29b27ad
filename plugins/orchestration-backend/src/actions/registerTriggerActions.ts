import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { z as Zod } from 'zod/v3';
import type { Triggers } from '../triggers/Triggers';
import { entityRefSchema } from './schemas';

function triggerIdSchema(z: typeof Zod) {
  return z
    .string()
    .uuid()
    .describe('Id of the trigger, as list-triggers gives');
}

function triggerSchema(z: typeof Zod) {
  return z
    .object({
      id: z.string(),
      agentRef: z.string(),
      name: z.string(),
      type: z.string(),
      state: z.string(),
    })
    .passthrough();
}

/**
 * Offers what people do with triggers as actions, and so as MCP tools. Secrets are not
 * among them: what an action gives out, a model reads.
 */
export function registerTriggerActions(options: {
  actionsRegistry: ActionsRegistryService;
  triggers: Triggers;
}): void {
  const { actionsRegistry, triggers } = options;

  actionsRegistry.register({
    name: 'list-triggers',
    title: 'List triggers of agents',
    description:
      'Lists what starts runs of agents without a person (schedules, webhooks, events), the newest first: whether each is at work, when it is due next, and what it did last. Pages with nextCursor.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: entityRefSchema(z).optional(),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(triggerSchema(z)),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await triggers.list(input, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'list-trigger-firings',
    title: 'Read what a trigger did',
    description:
      'Lists the times at which a trigger had a reason to start a run, the latest first, with the run, or why there was none. Kept for 30 days. Pages with nextCursor.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: triggerIdSchema(z),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(
            z
              .object({ id: z.string(), status: z.string(), at: z.string() })
              .passthrough(),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input: { id, ...page }, credentials }) => ({
      output: await triggers.firings(id, page, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'pause-trigger',
    title: 'Pause a trigger',
    description:
      'Lets a trigger of an agent start no runs until it is resumed. Runs under way go on. What happens meanwhile is not made up for.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: triggerIdSchema(z),
          reason: z.string().max(500).optional(),
        }),
      output: z => triggerSchema(z),
    },
    action: async ({ input: { id, reason }, credentials }) => ({
      output: await triggers.pause(id, reason, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'resume-trigger',
    title: 'Resume a trigger',
    description:
      'Lets a trigger that was paused, or switched off after failures, start runs again.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ id: triggerIdSchema(z) }),
      output: z => triggerSchema(z),
    },
    action: async ({ input, credentials }) => ({
      output: await triggers.resume(input.id, { credentials }),
    }),
  });

  actionsRegistry.register({
    name: 'fire-trigger',
    title: 'Let a trigger start a run now',
    description:
      'Starts a run of the agent as if the trigger had a reason to, in the own name of the agent. Gives the id of the run, which is there a moment later if the trigger may start one now.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z => z.object({ id: triggerIdSchema(z) }),
      output: z => z.object({ runId: z.string() }),
    },
    action: async ({ input, credentials }) => ({
      output: await triggers.fire(input.id, { credentials }),
    }),
  });
}

import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { AuthorizedApprovals } from '../approvals/AuthorizedApprovals';

const READS = { readOnly: true, destructive: false, idempotent: true };
const NO_NUL = /^[^\0]*$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const STATUSES = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'withdrawn',
  'answered',
] as const;
const KINDS = [
  'tool-call',
  'access',
  'publication',
  'question',
  'review',
] as const;

/** What people do with requests that wait for them, for their programs. Agents are refused. */
export function registerApprovalActions(options: {
  registry: ActionsRegistryService;
  approvals: AuthorizedApprovals;
}): void {
  const { registry, approvals } = options;

  registry.register({
    name: 'list-approvals',
    title: 'List requests for approval',
    description:
      'Lists what AI agents and people ask to be approved. By default what waits for the caller: `mine`; `team` is asked of the groups of the caller or about their agents, `requested` by or for the caller. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          view: z.enum(['mine', 'team', 'requested', 'all']).default('mine'),
          status: z.array(z.enum(STATUSES)).max(6).optional(),
          kind: z.array(z.enum(KINDS)).max(5).optional(),
          agentRef: z.string().max(255).optional(),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await approvals.list(input, credentials),
    }),
  });

  registry.register({
    name: 'get-approval',
    title: 'Read a request for approval',
    description:
      'Reads one request: what would happen with exactly which arguments, what is unusual about them, who was asked, who decided what, and what the caller may do.',
    attributes: READS,
    schema: {
      input: z => z.object({ id: z.string().uuid() }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await approvals.get(input.id, credentials),
    }),
  });

  registry.register({
    name: 'get-approval-summary',
    title: 'How much waits for approval',
    description:
      'Counts the requests that wait for the caller, their team, and those that they asked, and tells how the caller has decided lately.',
    attributes: READS,
    schema: {
      input: z => z.object({}),
      output: z => z.object({ waiting: z.any() }).passthrough(),
    },
    action: async ({ credentials }) => ({
      output: await approvals.summary(credentials),
    }),
  });

  registry.register({
    name: 'list-approvers',
    title: 'How people decide',
    description:
      'Tells how people have decided in the last days: how often, how often they approved, and how long half of their decisions took at most. For those to whom requests are handed on.',
    attributes: READS,
    schema: {
      input: z => z.object({}),
      output: z => z.object({ items: z.array(z.any()) }).passthrough(),
    },
    action: async ({ credentials }) => ({
      output: await approvals.approvers(credentials),
    }),
  });

  registry.register({
    name: 'decide-approval',
    title: 'Approve or reject a request',
    description:
      'Approves or rejects a request that the caller was asked to decide; never one of their own. The digest is that of the request as it was read. With args a call is approved with other arguments. An approved call is made at once and may not be undone. With breakGlass somebody on call lets a call pass alone, which others review.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string().uuid(),
          decision: z.enum(['approve', 'reject']),
          digest: z.string().regex(DIGEST).describe('From the request'),
          reason: z
            .string()
            .min(3)
            .max(500)
            .regex(NO_NUL)
            .optional()
            .describe('Needed to reject'),
          args: z.record(z.any()).optional(),
          breakGlass: z.boolean().optional(),
        }),
      output: z => z.object({ status: z.string() }).passthrough(),
    },
    action: async ({ input: { id, ...body }, credentials }) => ({
      output: await approvals.decide(id, body, credentials),
    }),
  });

  registry.register({
    name: 'answer-question',
    title: 'Answer the question of a run',
    description:
      'Answers a question with values for its form, which get-approval shows; the run that asked goes on with them.',
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z.object({ id: z.string().uuid(), values: z.record(z.any()) }),
      output: z => z.object({ status: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await approvals.answer(input.id, input.values, credentials),
    }),
  });

  registry.register({
    name: 'add-approval-message',
    title: 'Write beside a request for approval',
    description:
      'Asks or answers beside a request that waits; those concerned are notified.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          id: z.string().uuid(),
          text: z.string().min(1).max(2_000).regex(NO_NUL),
        }),
      output: z => z.object({ status: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await approvals.addMessage(input.id, input.text, credentials),
    }),
  });

  registry.register({
    name: 'withdraw-approval',
    title: 'Take a request for approval back',
    description:
      'Takes back a request that the caller made, or that is made for them, while it waits.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          id: z.string().uuid(),
          reason: z.string().min(3).max(500).regex(NO_NUL).optional(),
        }),
      output: z => z.object({}),
    },
    action: async ({ input, credentials }) => {
      await approvals.withdraw(input.id, input.reason, credentials);
      return { output: {} };
    },
  });

  registry.register({
    name: 'request-agent-access',
    title: 'Ask that an agent is given a permission',
    description:
      'Asks those who may decide it to give an AI agent a permission of a Backstage plugin. It is given when they approve.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z
            .string()
            .max(255)
            .describe('Entity ref such as agent:default/claims-triage'),
          permission: z
            .string()
            .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,253}$/)
            .describe('Name such as catalog.location.read'),
          reason: z.string().min(3).max(500).regex(NO_NUL),
          until: z.string().datetime().optional(),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await approvals.requestAccess(input, credentials),
    }),
  });

  registry.register({
    name: 'get-approval-deputy',
    title: 'Who decides in the place of the caller',
    description:
      'Tells who decides requests in the place of the caller, and in whose place the caller does.',
    attributes: READS,
    schema: {
      input: z => z.object({}),
      output: z => z.object({ standsInFor: z.array(z.any()) }).passthrough(),
    },
    action: async ({ credentials }) => ({
      output: await approvals.deputy(credentials),
    }),
  });

  registry.register({
    name: 'set-approval-deputy',
    title: 'Name who decides in the place of the caller',
    description:
      'Lets another person decide requests in the place of the caller until a time; without a deputy the caller decides alone again.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          deputy: z
            .object({
              deputyRef: z.string().max(255).describe('Ref of a person'),
              until: z.string().datetime(),
            })
            .optional(),
        }),
      output: z => z.object({}).passthrough(),
    },
    action: async ({ input, credentials }) => {
      if (input.deputy) {
        await approvals.setDeputy(input.deputy, credentials);
      } else {
        await approvals.removeDeputy(credentials);
      }
      return { output: await approvals.deputy(credentials) };
    },
  });
}

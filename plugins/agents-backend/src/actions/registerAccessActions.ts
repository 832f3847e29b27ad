import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { AgentAccess } from '../access/AgentAccess';
import { requireRef } from '../identities/agentRef';

const AGENT_REF = 'Entity ref such as agent:default/claims-triage';
/** As in the document of the HTTP API: PostgreSQL keeps no such text. */
const NO_NUL = /^[^\0]*$/;
const READS = { readOnly: true, destructive: false, idempotent: true };

/**
 * What people do with the rights of agents, for their programs. Agents are refused, as
 * everywhere. Secrets are not made here: the answer of an action is read by models, and
 * no model sees a credential; public keys do as well.
 */
export function registerAccessActions(options: {
  registry: ActionsRegistryService;
  access: AgentAccess;
}): void {
  const { registry, access } = options;

  registry.register({
    name: 'get-agent-access',
    title: 'What an agent may do',
    description:
      'Tells in sentences what an AI agent may do, for whom, since when and by whose decision: its state, identity, model, tools, data, hand-offs and grants.',
    attributes: READS,
    schema: {
      input: z => z.object({ agentRef: z.string().describe(AGENT_REF) }),
      output: z => z.object({ statements: z.array(z.any()) }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await access.describe(readRef(input), { credentials }),
    }),
  });

  registry.register({
    name: 'suspend-agent',
    title: 'Suspend an agent',
    description:
      'Stops an AI agent everywhere within five seconds, also in the middle of what it does. It stays so until somebody resumes it.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          reason: z
            .string()
            .min(3)
            .max(500)
            .regex(NO_NUL)
            .describe('Why, for its owner'),
        }),
      output: z => z.object({ state: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => ({
      output: await access.suspend(readRef(input), input.reason, {
        credentials,
      }),
    }),
  });

  registry.register({
    name: 'resume-agent',
    title: 'Resume an agent',
    description:
      'Lets a suspended AI agent go on. When its sponsor has left, the caller must offer to answer for it by giving their own ref as sponsorRef.',
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          reason: z
            .string()
            .min(3)
            .max(500)
            .regex(NO_NUL)
            .describe('Why, for its owner'),
          sponsorRef: z
            .string()
            .optional()
            .describe('Entity ref of the caller, who answers for it then'),
        }),
      output: z => z.object({ state: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...request } = input;
      return {
        output: await access.resume(readRef({ agentRef }), request, {
          credentials,
        }),
      };
    },
  });

  registry.register({
    name: 'list-agent-credentials',
    title: 'List credentials of an agent',
    description:
      'Lists with what programs prove to be an AI agent: age, last use, expiry and next rotation of each. Secrets are not among it. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...page } = input;
      return {
        output: await access.listCredentials(readRef({ agentRef }), page, {
          credentials,
        }),
      };
    },
  });

  registry.register({
    name: 'add-agent-public-key',
    title: 'Add a public key of an agent',
    description:
      'Takes the public half of a key pair, as a JWK, with whose private half programs then prove to be an AI agent (private_key_jwt). Secrets are made on the page of the agent only.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          title: z
            .string()
            .min(1)
            .max(100)
            .regex(NO_NUL)
            .describe('Where it is used'),
          jwk: z
            .object({ kty: z.string() })
            .passthrough()
            .describe('The public key; never a private one'),
          expiresAt: z
            .string()
            .datetime()
            .optional()
            .describe('ISO 8601 in UTC; in 90 days if not given'),
        }),
      output: z => z.object({ credential: z.any() }),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...request } = input;
      const { credential } = await access.createCredential(
        readRef({ agentRef }),
        request,
        { credentials },
      );
      return { output: { credential } };
    },
  });

  registry.register({
    name: 'revoke-agent-credential',
    title: 'Revoke a credential of an agent',
    description:
      'Makes a credential of an AI agent bad at once, and ends the work that was delegated to its holder.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          id: z.string().uuid().describe('Id of the credential'),
        }),
      output: z => z.object({ id: z.string() }),
    },
    action: async ({ input, credentials }) => {
      await access.revokeCredential(readRef(input), input.id, { credentials });
      return { output: { id: input.id } };
    },
  });

  registry.register({
    name: 'list-agent-grants',
    title: 'List grants of an agent',
    description:
      'Lists which permissions of Backstage plugins an AI agent was given, by whom, why and until when. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...page } = input;
      return {
        output: await access.listGrants(readRef({ agentRef }), page, {
          credentials,
        }),
      };
    },
  });

  registry.register({
    name: 'grant-agent-permission',
    title: 'Give an agent a permission',
    description:
      'Gives an AI agent a permission of a Backstage plugin, such as catalog.location.read. When it acts for a person, that person needs the permission too.',
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          permission: z
            .string()
            .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,253}$/)
            .describe('Name of the permission'),
          reason: z
            .string()
            .min(3)
            .max(500)
            .regex(NO_NUL)
            .describe('Why, for auditors'),
          expiresAt: z
            .string()
            .datetime()
            .optional()
            .describe('ISO 8601 in UTC'),
        }),
      output: z => z.object({ id: z.string() }).passthrough(),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...request } = input;
      return {
        output: await access.grant(readRef({ agentRef }), request, {
          credentials,
        }),
      };
    },
  });

  registry.register({
    name: 'revoke-agent-grant',
    title: 'Take a grant of an agent back',
    description: 'Takes a permission of a Backstage plugin from an AI agent.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          id: z.string().uuid().describe('Id of the grant'),
        }),
      output: z => z.object({ id: z.string() }),
    },
    action: async ({ input, credentials }) => {
      await access.revokeGrant(readRef(input), input.id, { credentials });
      return { output: { id: input.id } };
    },
  });

  registry.register({
    name: 'list-agent-delegations',
    title: 'What an agent works on',
    description:
      'Lists what an AI agent works on now: for whom, on which run, within which limits and until when. Pages with nextCursor.',
    attributes: READS,
    schema: {
      input: z =>
        z.object({
          agentRef: z.string().describe(AGENT_REF),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z =>
        z.object({
          items: z.array(z.any()),
          nextCursor: z.string().optional(),
        }),
    },
    action: async ({ input, credentials }) => {
      const { agentRef, ...page } = input;
      return {
        output: await access.listDelegations(readRef({ agentRef }), page, {
          credentials,
        }),
      };
    },
  });
}

function readRef({ agentRef }: { agentRef: string }): string {
  return requireRef('agentRef', agentRef, 'Agent');
}

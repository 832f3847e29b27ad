import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { z as Zod } from 'zod/v3';
import type { Audit } from '../api/Audit';
import { toFilter } from '../api/createRouter';
import type { AuditAccess } from '../permissions/AuditAccess';

const attributes = { readOnly: true, destructive: false, idempotent: true };

/** Offers what can be read of the audit log as actions, and so as MCP tools. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  access: AuditAccess;
  audit: Audit;
}): void {
  const { actionsRegistry, access, audit } = options;

  actionsRegistry.register({
    name: 'list-audit-entries',
    title: 'Search the audit log',
    description: `Lists what agents, people and the portal did, the newest first: decisions, calls of tools and models, changes. Each entry has a sentence.
Filter by time (ISO 8601, UTC), agent, person, outcome or text. Pages with nextCursor; with text a page may be empty and still have one.`,
    attributes,
    schema: {
      input: z =>
        z.object({
          from: timeSchema(z).optional(),
          to: timeSchema(z).optional(),
          outcome: z
            .array(
              z.enum(['allowed', 'denied', 'started', 'succeeded', 'failed']),
            )
            .optional(),
          agentRef: refSchema(z).optional(),
          personRef: refSchema(z).optional(),
          runId: idSchema(z).optional(),
          text: z.string().min(2).max(100).optional(),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z => listSchema(z),
    },
    action: async ({ input, credentials }) => ({
      output: await audit.list(
        undefined,
        toFilter(input, await access.readable(credentials)),
        input,
      ),
    }),
  });

  actionsRegistry.register({
    name: 'get-audit-entry',
    title: 'Read an entry of the audit log',
    description:
      'Gives an entry with the text that was hashed, its inclusion proof (RFC 6962) and the signed tree head.',
    attributes,
    schema: {
      input: z => z.object({ id: idSchema(z) }),
      output: z =>
        z.object({
          entry: entrySchema(z),
          text: z.string(),
          proof: z.object({
            leafHash: z.string(),
            hashes: z.array(z.string()),
            head: z.object({}).passthrough(),
          }),
        }),
    },
    action: async ({ input, credentials }) => ({
      output: await audit.get(undefined, input.id, {
        allowed: await access.readable(credentials),
      }),
    }),
  });

  actionsRegistry.register({
    name: 'get-run-record',
    title: 'What was decided and done in a run',
    description:
      'Tells in sentences, the oldest first, what an agent did in a run, what was allowed or refused, by which rules and for whom.',
    attributes,
    schema: {
      input: z =>
        z.object({
          runId: idSchema(z),
          limit: z.number().int().min(1).max(100).default(25),
          cursor: z.string().max(500).optional(),
        }),
      output: z => listSchema(z),
    },
    action: async ({ input, credentials }) => ({
      output: await audit.list(
        undefined,
        { runId: input.runId, allowed: await access.readable(credentials) },
        input,
        'asc',
      ),
    }),
  });
}

/** What the HTTP API takes for these; see `openapi.yaml`. */
function refSchema(z: typeof Zod) {
  return z
    .string()
    .min(3)
    .max(255)
    .regex(/^[!-~]+$/);
}

function idSchema(z: typeof Zod) {
  return z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9._:-]+$/);
}

function timeSchema(z: typeof Zod) {
  return z.string().datetime({ offset: true });
}

function entrySchema(z: typeof Zod) {
  return z
    .object({
      id: z.string(),
      seq: z.number(),
      recordedAt: z.string(),
      sentence: z.string(),
      outcome: z.string(),
    })
    .passthrough();
}

function listSchema(z: typeof Zod) {
  return z.object({
    items: z.array(entrySchema(z)),
    nextCursor: z.string().optional(),
  });
}

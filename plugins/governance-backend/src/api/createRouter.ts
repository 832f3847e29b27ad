import {
  createOpenApiRouter,
  jsonBody,
  principalOf,
} from '@agentportal/plugin-agents-node';
import {
  auditErasePermission,
  auditExportPermission,
  auditHoldPermission,
  type GovernanceOperations,
  type ListEntriesQuery,
} from '@agentportal/plugin-governance-common';
import type {
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { Router } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AuditAccess } from '../permissions/AuditAccess';
import { spec } from '../schema/openapi.generated';
import type { EntryFilter } from '../store/filter';
import type { Audit, By } from './Audit';

/** 500 records of 64,000 characters would be more; so long ones are sent in parts. */
const BODY_LIMIT = '4mb';

/** The HTTP API. */
export function createRouter(options: {
  access: AuditAccess;
  audit: Audit;
  httpAuth: HttpAuthService;
}): Router {
  const { access, audit, httpAuth } = options;
  return createOpenApiRouter<GovernanceOperations>({
    spec,
    httpAuth,
    middleware: [jsonBody(BODY_LIMIT)],
    handlers: {
      recordEntries: async ({ body, credentials }) => ({
        items: await audit.record(
          body.items,
          access.requireWriter(credentials),
        ),
      }),
      listEntries: async ({ query, credentials }) =>
        audit.list(
          query.tenant,
          toFilter(query, await access.readable(credentials)),
          query,
        ),
      getEntry: async ({ path, query, credentials }) =>
        audit.get(query.tenant, path.id, {
          allowed: await access.readable(credentials),
        }),
      getStats: async ({ query, credentials }) =>
        audit.stats(
          query.tenant,
          toFilter(query, await access.readable(credentials)),
        ),
      getRunRecord: async ({ path, query, credentials }) =>
        audit.list(
          query.tenant,
          { runId: path.runId, allowed: await access.readable(credentials) },
          query,
          'asc',
        ),
      exportEntries: async ({ query, credentials, response }) => {
        await access.require(auditExportPermission, credentials);
        const { tenant, format = 'jsonl', ...described } = query;
        const lines = await audit.export(
          tenant,
          format,
          toFilter(described, await access.readable(credentials)),
          described,
          byOf(credentials),
        );
        response.setHeader(
          'content-type',
          format === 'cef' ? 'text/plain; charset=utf-8' : 'application/jsonl',
        );
        response.setHeader(
          'content-disposition',
          `attachment; filename="audit-${tenant ?? 'default'}.${
            format === 'cef' ? 'cef' : 'jsonl'
          }"`,
        );
        await pipeline(Readable.from(lines), response);
      },
      listTreeHeads: async ({ query, credentials }) => {
        await access.readable(credentials);
        return audit.listHeads(query.tenant, query);
      },
      // They are as public as their name, for whoever is let in at all.
      getPublicKeys: () => audit.publicKeys(),
      getConsistencyProof: async ({ query, credentials }) => {
        await access.readable(credentials);
        return audit.consistency(query.tenant, query.from, query.to);
      },
      erasePerson: async ({ body, credentials }) => {
        await access.require(auditErasePermission, credentials);
        return audit.erase(body, byOf(credentials));
      },
      listHolds: async ({ query, credentials }) => {
        await access.require(auditHoldPermission, credentials);
        return audit.listHolds(query.tenant, query);
      },
      createHold: async ({ body, credentials }) => {
        await access.require(auditHoldPermission, credentials);
        return audit.createHold(body, byOf(credentials));
      },
      releaseHold: async ({ path, body, credentials }) => {
        await access.require(auditHoldPermission, credentials);
        return audit.releaseHold(path.id, body.reason, byOf(credentials));
      },
    },
  });
}

/** The filter that a query says, within what the caller may read. */
export function toFilter(
  query: Omit<ListEntriesQuery, 'tenant' | 'limit' | 'cursor'>,
  allowed: EntryFilter['allowed'],
): EntryFilter {
  const { type, outcome, actor, agentRef, personRef, resource, runId, text } =
    query;
  return {
    ...{ type, outcome, actor, agentRef, personRef, resource, runId, text },
    from: query.from === undefined ? undefined : Date.parse(query.from),
    to: query.to === undefined ? undefined : Date.parse(query.to),
    allowed,
  };
}

function byOf(credentials: BackstageCredentials): By {
  const principal = principalOf(credentials);
  switch (principal.type) {
    case 'user':
      return {
        actor: {
          type: principal.userEntityRef.startsWith('user:')
            ? 'person'
            : 'agent',
          ref: principal.userEntityRef,
        },
      };
    case 'service':
      return { actor: { type: 'service', ref: principal.subject } };
    default:
      throw new NotAllowedError('Sign in to work with the audit log.');
  }
}

import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import {
  audited,
  decodeCursor,
  encodeCursor,
  type OperationHandlers,
} from '@agentportal/plugin-agents-node';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { z } from 'zod/v4';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import type { CredentialAuthenticator } from '../credentials/CredentialAuthenticator';
import {
  type CredentialStore,
  endedAmong,
} from '../credentials/CredentialStore';
import type { Delegations } from '../delegations/Delegations';
import type { AgentRecords } from '../identities/AgentRecords';
import type { RevokedTokenStore } from '../store/RevokedTokenStore';
import { requireAuth, requirePlugin, requireRunner } from './requireService';

type ServiceOperations = Pick<
  AgentsOperations,
  | 'CreateDelegation'
  | 'QueryDelegations'
  | 'EndDelegation'
  | 'QueryIdentities'
  | 'ListApprovedBudgets'
  | 'AuthenticateCredential'
  | 'NoteCredentialUse'
  | 'RevokeToken'
  | 'QueryRevokedTokens'
>;

/** No token that an agent holds lives longer; clocks differ by a little. */
const LONGEST_TOKEN_MS = 11 * 60_000;

/** What plugins of the portal ask each other. */
export function serviceHandlers(options: {
  delegations: Delegations;
  records: AgentRecords;
  published: PublishedDefinitions | undefined;
  authenticator: CredentialAuthenticator;
  credentialStore: CredentialStore;
  revokedTokens: RevokedTokenStore;
  auditor: AuditorService;
}): OperationHandlers<ServiceOperations> {
  const { auditor, delegations, records, authenticator, revokedTokens } =
    options;
  return {
    CreateDelegation: ({ body, credentials, request }) => {
      requireRunner(credentials);
      const { agentRef, personRef, startedBy, parentId, taskId } = body;
      return audited(
        auditor,
        {
          eventId: 'delegation-create',
          severityLevel: 'medium',
          meta: { agentRef, personRef, startedBy, parentId, runId: taskId },
          by: { credentials, request },
        },
        () => delegations.create(body),
        ({ id, chain, expiresAt }) => ({ delegationId: id, chain, expiresAt }),
      );
    },
    QueryDelegations: async ({ body, credentials }) => {
      requirePlugin(credentials);
      return { items: await delegations.query(body.ids) };
    },
    EndDelegation: async ({ path, body, credentials, request }) => {
      requireRunner(credentials);
      const reason = body?.reason ?? 'The work has ended.';
      await audited(
        auditor,
        {
          eventId: 'delegation-end',
          severityLevel: 'low',
          meta: { delegationId: path.id, reason },
          by: { credentials, request },
        },
        () => delegations.end(path.id, reason),
        ({ taskId: runId, ...whose }) => ({ ...whose, runId }),
      );
    },
    QueryIdentities: async ({ body, credentials }) => {
      requirePlugin(credentials);
      const now = Date.now();
      const [found, recent] = await Promise.all([
        records.read(body.agentRefs, now),
        options.credentialStore.recent(body.agentRefs, now - LONGEST_TOKEN_MS),
      ]);
      return {
        items: [...found.values()].map(record => ({
          ...records.identityOf(record, now),
          revokedCredentials: endedAmong(
            recent.get(record.ref) ?? [],
            record.origin,
          ),
        })),
      };
    },
    ListApprovedBudgets: async ({ query, credentials }) => {
      requirePlugin(credentials);
      const { limit } = query;
      const after = decodeCursor(query.cursor, z.string().max(255));
      const page =
        (await options.published?.annotated({ limit: limit + 1, after })) ?? [];
      return {
        items: page
          .slice(0, limit)
          .flatMap(({ agentRef, annotations: { monthlyBudgetUsd } }) =>
            monthlyBudgetUsd ? { agentRef, monthlyBudgetUsd } : [],
          ),
        ...(page.length > limit && {
          nextCursor: encodeCursor(page[limit - 1].agentRef),
        }),
      };
    },
    AuthenticateCredential: ({ body, credentials }) => {
      requireAuth(credentials);
      return authenticator.authenticate(body);
    },
    NoteCredentialUse: async ({ path, credentials }) => {
      requireAuth(credentials);
      await authenticator.noteUse(path.id);
    },
    RevokeToken: async ({ body, credentials }) => {
      requireAuth(credentials);
      await revokedTokens.revoke(body.jti, Date.parse(body.expiresAt));
    },
    QueryRevokedTokens: async ({ body, credentials }) => {
      requirePlugin(credentials);
      return { jtis: await revokedTokens.revokedOf(body.jtis) };
    },
  };
}

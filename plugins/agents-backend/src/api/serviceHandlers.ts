import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { CredentialAuthenticator } from '../credentials/CredentialAuthenticator';
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
  | 'AuthenticateCredential'
  | 'NoteCredentialUse'
  | 'RevokeToken'
  | 'QueryRevokedTokens'
>;

/** What plugins of the portal ask each other. */
export function serviceHandlers(options: {
  delegations: Delegations;
  records: AgentRecords;
  authenticator: CredentialAuthenticator;
  revokedTokens: RevokedTokenStore;
}): OperationHandlers<ServiceOperations> {
  const { delegations, records, authenticator, revokedTokens } = options;
  return {
    CreateDelegation: ({ body, credentials }) => {
      requireRunner(credentials);
      return delegations.create(body);
    },
    QueryDelegations: async ({ body, credentials }) => {
      requirePlugin(credentials);
      return { items: await delegations.query(body.ids) };
    },
    EndDelegation: async ({ path, body, credentials }) => {
      requireRunner(credentials);
      await delegations.end(path.id, body?.reason ?? 'The work has ended.');
    },
    QueryIdentities: async ({ body, credentials }) => {
      requirePlugin(credentials);
      const now = Date.now();
      const found = await records.read(body.agentRefs, now);
      return {
        items: [...found.values()].map(record =>
          records.identityOf(record, now),
        ),
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

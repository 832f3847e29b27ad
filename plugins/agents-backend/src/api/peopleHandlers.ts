import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { AgentAccess } from '../access/AgentAccess';
import { agentRefOf } from '../identities/agentRef';

type PeopleOperations = Pick<
  AgentsOperations,
  | 'GetAgentAccess'
  | 'SuspendAgent'
  | 'ResumeAgent'
  | 'ListAgentCredentials'
  | 'CreateAgentCredential'
  | 'RotateAgentCredential'
  | 'RevokeAgentCredential'
  | 'ListAgentGrants'
  | 'GrantAgentPermission'
  | 'RevokeAgentGrant'
  | 'ListAgentDelegations'
>;

/** What people do with the rights of agents. */
export function peopleHandlers(
  access: AgentAccess,
): OperationHandlers<PeopleOperations> {
  return {
    GetAgentAccess: ({ path, credentials }) =>
      access.describe(agentRefOf(path), { credentials }),
    SuspendAgent: ({ path, body, credentials }) =>
      access.suspend(agentRefOf(path), body.reason, { credentials }),
    ResumeAgent: ({ path, body, credentials }) =>
      access.resume(agentRefOf(path), body, { credentials }),
    ListAgentCredentials: ({ path, query, credentials }) =>
      access.listCredentials(agentRefOf(path), withLimit(query), {
        credentials,
      }),
    CreateAgentCredential: ({ path, body, credentials, response }) => {
      response.set('cache-control', 'no-store');
      return access.createCredential(agentRefOf(path), body, { credentials });
    },
    RotateAgentCredential: ({ path, body, credentials, response }) => {
      response.set('cache-control', 'no-store');
      return access.rotateCredential(agentRefOf(path), path.id, body, {
        credentials,
      });
    },
    RevokeAgentCredential: ({ path, credentials }) =>
      access.revokeCredential(agentRefOf(path), path.id, { credentials }),
    ListAgentGrants: ({ path, query, credentials }) =>
      access.listGrants(agentRefOf(path), withLimit(query), { credentials }),
    GrantAgentPermission: ({ path, body, credentials }) =>
      access.grant(agentRefOf(path), body, { credentials }),
    RevokeAgentGrant: ({ path, credentials }) =>
      access.revokeGrant(agentRefOf(path), path.id, { credentials }),
    ListAgentDelegations: ({ path, query, credentials }) =>
      access.listDelegations(agentRefOf(path), withLimit(query), {
        credentials,
      }),
  };
}

/** The document gives `limit` a default, which its types do not know. */
function withLimit<T extends { limit?: number }>(query: T) {
  return query as T & { limit: number };
}

import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { AgentAccess } from '../access/AgentAccess';
import { agentRefOf } from '../identities/agentRef';

type PeopleOperations = Pick<
  AgentsOperations,
  | 'GetAgentAccess'
  | 'GetAgentControls'
  | 'SuspendAgent'
  | 'ResumeAgent'
  | 'ListAgentCredentials'
  | 'CreateAgentCredential'
  | 'RotateAgentCredential'
  | 'RevokeAgentCredential'
  | 'ListAgentGrants'
  | 'ListGrantablePermissions'
  | 'GrantAgentPermission'
  | 'RevokeAgentGrant'
  | 'ListAgentDelegations'
  | 'GetAgentSettings'
  | 'ChangeAgentSettings'
  | 'ListAgentRevisions'
>;

/** What people do with the rights of agents. */
export function peopleHandlers(
  access: AgentAccess,
): OperationHandlers<PeopleOperations> {
  return {
    GetAgentAccess: ({ path, ...by }) => access.describe(agentRefOf(path), by),
    GetAgentControls: ({ path, ...by }) =>
      access.controls(agentRefOf(path), by),
    SuspendAgent: ({ path, body, ...by }) =>
      access.suspend(agentRefOf(path), body.reason, by),
    ResumeAgent: ({ path, body, ...by }) =>
      access.resume(agentRefOf(path), body, by),
    ListAgentCredentials: ({ path, query, ...by }) =>
      access.listCredentials(agentRefOf(path), query, by),
    CreateAgentCredential: ({ path, body, response, ...by }) => {
      response.set('cache-control', 'no-store');
      return access.createCredential(agentRefOf(path), body, by);
    },
    RotateAgentCredential: ({ path, body, response, ...by }) => {
      response.set('cache-control', 'no-store');
      return access.rotateCredential(agentRefOf(path), path.id, body, by);
    },
    RevokeAgentCredential: async ({ path, ...by }) => {
      await access.revokeCredential(agentRefOf(path), path.id, by);
    },
    ListAgentGrants: ({ path, query, ...by }) =>
      access.listGrants(agentRefOf(path), query, by),
    ListGrantablePermissions: ({ path, ...by }) =>
      access.listGrantable(agentRefOf(path), by),
    GrantAgentPermission: ({ path, body, ...by }) =>
      access.grant(agentRefOf(path), body, by),
    RevokeAgentGrant: async ({ path, ...by }) => {
      await access.revokeGrant(agentRefOf(path), path.id, by);
    },
    ListAgentDelegations: ({ path, query, ...by }) =>
      access.listDelegations(agentRefOf(path), query, by),
    GetAgentSettings: ({ path, query, ...by }) =>
      access.settings(agentRefOf(path), query.revision, by),
    ChangeAgentSettings: ({ path, body, ...by }) =>
      access.changeSettings(agentRefOf(path), body, by),
    ListAgentRevisions: ({ path, query, ...by }) =>
      access.listRevisions(agentRefOf(path), query, by),
  };
}

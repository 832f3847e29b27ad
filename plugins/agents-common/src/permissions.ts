import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of agents; its refs are entity refs such as `agent:default/x`.
 *
 * @public
 */
export const RESOURCE_TYPE_AGENT = 'agents-agent';

/**
 * Resource type of requests that people decide; its refs are ids.
 *
 * @public
 */
export const RESOURCE_TYPE_APPROVAL = 'agents-approval';

/**
 * May list agents through the agents API. What the list holds is decided by
 * the catalog's own read permission.
 *
 * @public
 */
export const agentsAgentReadPermission = createPermission({
  name: 'agents.agent.read',
  attributes: { action: 'read' },
});

/**
 * May create an agent from a golden path.
 *
 * @public
 */
export const agentsAgentCreatePermission = createPermission({
  name: 'agents.agent.create',
  attributes: { action: 'create' },
});

/**
 * May read what an agent may do, for whom and by whose decision, and what it works on.
 *
 * @public
 */
export const agentsAccessReadPermission = createPermission({
  name: 'agents.access.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May make, rotate and revoke the credentials of an agent, and take back its grants.
 *
 * @public
 */
export const agentsCredentialManagePermission = createPermission({
  name: 'agents.credential.manage',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May suspend an agent and let it go on: one that they suspended themselves, or any agent
 * for whoever has this on every agent.
 *
 * @public
 */
export const agentsAgentSuspendPermission = createPermission({
  name: 'agents.agent.suspend',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May change what an agent is told, may use and may spend, with a commit to its repository.
 *
 * @public
 */
export const agentsAgentUpdatePermission = createPermission({
  name: 'agents.agent.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May give an agent permissions of Backstage plugins, and take them back.
 *
 * @public
 */
export const agentsGrantManagePermission = createPermission({
  name: 'agents.grant.manage',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May read the rules for tool calls of agents, and what they refused.
 *
 * @public
 */
export const agentsRuleReadPermission = createPermission({
  name: 'agents.rule.read',
  attributes: { action: 'read' },
});

/**
 * May write rules for tool calls of agents, and try them on recorded calls.
 *
 * @public
 */
export const agentsRuleManagePermission = createPermission({
  name: 'agents.rule.manage',
  attributes: { action: 'update' },
});

/**
 * May read a request that people decide, and write beside it.
 *
 * @public
 */
export const agentsApprovalReadPermission = createPermission({
  name: 'agents.approval.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_APPROVAL,
});

/**
 * May decide a request, if they are among those whom it asks. Neither agents nor services
 * decide, whatever the policy says.
 *
 * @public
 */
export const agentsApprovalDecidePermission = createPermission({
  name: 'agents.approval.decide',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_APPROVAL,
});

/**
 * All permissions of the agents plugin.
 *
 * @public
 */
export const agentsPermissions = [
  agentsAgentReadPermission,
  agentsAgentCreatePermission,
  agentsAccessReadPermission,
  agentsCredentialManagePermission,
  agentsAgentSuspendPermission,
  agentsAgentUpdatePermission,
  agentsGrantManagePermission,
  agentsRuleReadPermission,
  agentsRuleManagePermission,
  agentsApprovalReadPermission,
  agentsApprovalDecidePermission,
];

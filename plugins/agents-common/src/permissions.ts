import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of agents; its refs are entity refs such as `agent:default/x`.
 *
 * @public
 */
export const RESOURCE_TYPE_AGENT = 'agents-agent';

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
 * All permissions of the agents plugin.
 *
 * @public
 */
export const agentsPermissions = [
  agentsAgentReadPermission,
  agentsAgentCreatePermission,
];

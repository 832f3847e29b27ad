import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of tools; its refs are gateway tool names such as `orders.find_order`.
 *
 * @public
 */
export const RESOURCE_TYPE_TOOL = 'tools-tool';

/**
 * May see a tool: what it does, its arguments and its risk.
 *
 * @public
 */
export const toolReadPermission = createPermission({
  name: 'tools.tool.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_TOOL,
});

/**
 * May call a tool, directly or through an agent.
 *
 * @public
 */
export const toolCallPermission = createPermission({
  name: 'tools.tool.call',
  attributes: {},
  resourceType: RESOURCE_TYPE_TOOL,
});

/**
 * May ask for a server's tools to be read again.
 *
 * @public
 */
export const serverRefreshPermission = createPermission({
  name: 'tools.server.refresh',
  attributes: { action: 'update' },
});

/**
 * May release or block what a server changed about a tool.
 *
 * @public
 */
export const toolChangeDecidePermission = createPermission({
  name: 'tools.change.decide',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_TOOL,
});

/**
 * All permissions of the tools plugin.
 *
 * @public
 */
export const toolsPermissions = [
  toolReadPermission,
  toolCallPermission,
  serverRefreshPermission,
  toolChangeDecidePermission,
];

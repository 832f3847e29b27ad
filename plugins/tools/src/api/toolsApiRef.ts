import { createApiRef } from '@backstage/frontend-plugin-api';
import type { ToolsApi } from '@agentportal/plugin-tools-common';

/**
 * The tools backend, as the signed-in person.
 *
 * @public
 */
export const toolsApiRef = createApiRef<ToolsApi>().with({
  id: 'plugin.tools.client',
  pluginId: 'tools',
});

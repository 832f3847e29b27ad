import type { AgentsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * Lists and counts agents.
 *
 * @public
 */
export type AgentsApi = Pick<
  AgentsClient,
  'listAgents' | 'getFacets' | 'getAgent'
>;

/**
 * The agents backend, as the signed-in person.
 *
 * @public
 */
export const agentsApiRef = createApiRef<AgentsApi>().with({
  id: 'plugin.agents.client',
  pluginId: 'agents',
});

import type { AgentsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/** Finds agents by words, for filters. */
export type AgentChoicesApi = Pick<AgentsClient, 'listAgents'>;

export const agentChoicesApiRef = createApiRef<AgentChoicesApi>().with({
  id: 'plugin.orchestration.agent-choices',
  pluginId: 'orchestration',
});

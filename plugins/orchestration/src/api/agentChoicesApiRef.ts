import type { AgentsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/** Finds agents by words, for filters, and tells how one stands for who asks. */
export type AgentChoicesApi = Pick<AgentsClient, 'listAgents' | 'getAgent'>;

export const agentChoicesApiRef = createApiRef<AgentChoicesApi>().with({
  id: 'plugin.orchestration.agent-choices',
  pluginId: 'orchestration',
});

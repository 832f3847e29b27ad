export { agentsApiRef } from './agentsApiRef';
export type { AgentsApi } from './agentsApiRef';
export { agentActivityApiRef } from './agentActivityApiRef';
export type { AgentActivityApi } from './agentActivityApiRef';

import type { AgentEntity } from '@agentportal/plugin-agents-common';

/**
 * What a run remembers of its agent, so that a run can be explained after the
 * agent has changed.
 */
export interface AgentSnapshot {
  ref: string;
  name: string;
  title?: string;
  description?: string;
  ownerRef?: string;
  spec: AgentEntity['spec'];
}

/** How the agent is called in sentences for people. */
export function agentTitle(
  agent: Pick<AgentSnapshot, 'name' | 'title'>,
): string {
  return agent.title ?? agent.name;
}

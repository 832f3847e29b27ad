import {
  type AgentEntity,
  agentRefsOf,
  type Delegation,
} from '@agentportal/plugin-agents-common';
import { parseEntityRef } from '@backstage/catalog-model';

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

/** The agent as it may work, which is less than its file says while that waits for an approval. */
export function asHeld(
  agent: AgentSnapshot,
  { definition }: Pick<Delegation, 'definition'>,
): AgentSnapshot {
  return definition
    ? { ...agent, spec: definition as unknown as AgentSnapshot['spec'] }
    : agent;
}

/** How the agent is called in sentences for people. */
export function agentTitle(
  agent: Pick<AgentSnapshot, 'name' | 'title'>,
): string {
  return agent.title ?? agent.name;
}

/** What the agent refers to, in full form. */
export function refsOf({ ref, spec }: AgentSnapshot) {
  const { name, namespace } = parseEntityRef(ref);
  return agentRefsOf({
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace },
    spec,
  });
}

import type { AgentEntity } from '@agentportal/plugin-agents-common';

/** An agent for tests, with what a test wants to be different. */
export function agent(
  name: string,
  spec: Partial<AgentEntity['spec']> = {},
  owner = 'group:default/care',
): AgentEntity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace: 'default', title: `The ${name}` },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner,
      autonomy: 'supervised',
      instructions: `You are the ${name}.`,
      model: 'model:default/balanced',
      ...spec,
    },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}

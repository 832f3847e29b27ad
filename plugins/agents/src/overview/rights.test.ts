import type {
  AgentEntity,
  ToolEntity,
} from '@agentportal/plugin-agents-common';
import {
  describeRights,
  groupTools,
  modelUnnamed,
  type KnownTool,
} from './rights';

function agent(spec: Partial<AgentEntity['spec']>): AgentEntity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: 'x' },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/a',
      autonomy: 'supervised',
      ...spec,
    },
  };
}

function tool(
  name: string,
  riskTier: ToolEntity['spec']['riskTier'],
): KnownTool {
  return {
    ref: `tool:default/${name}`,
    entity: {
      apiVersion: 'agentportal.dev/v1alpha1',
      kind: 'Tool',
      metadata: { name },
      spec: {
        type: 'mcp',
        lifecycle: 'production',
        owner: 'group:default/a',
        riskTier,
        providedBy: 'api:default/a',
        toolName: name,
      },
    },
  };
}

describe('what an agent may do', () => {
  const tools = [
    tool('refund', 'critical'),
    tool('find', 'read'),
    tool('note', 'write'),
    { ref: 'tool:default/gone' },
  ];

  it('groups tools by risk, the mildest first, the unknown last', () => {
    expect(
      groupTools('supervised', tools).map(group => [
        group.tier,
        group.sentence,
        group.tools.length,
      ]),
    ).toEqual([
      ['read', 'Calls these by itself; they change nothing.', 1],
      ['write', 'Calls these by itself.', 1],
      ['critical', 'Not without the approval of a person.', 1],
      ['unknown', 'Not in the catalog, or not visible to you.', 1],
    ]);
  });

  it('follows the autonomy of the agent', () => {
    const writes = groupTools('copilot', tools).find(
      group => group.tier === 'write',
    );
    expect(writes?.sentence).toBe('Not without the approval of a person.');
  });

  it('is told in sentences, with the limits of a run', () => {
    const entity = agent({
      quotas: { maxToolCalls: 20, maxCostUsd: 0.5, maxDurationSeconds: 120 },
    });
    expect(describeRights(entity, tools)).toEqual([
      'May read and change our own data by itself.',
      'May make critical calls only after a person approves.',
      'A run ends after 20 tool calls, $0.50 or 2 min.',
    ]);
  });

  it('says when there are no tools', () => {
    expect(describeRights(agent({}), [])).toEqual([
      'Has no tools: it answers from its instructions alone.',
    ]);
  });

  it('does not say of workflows and of agents elsewhere that they have instructions alone', () => {
    const workflow = { pattern: { type: 'pipeline' } };
    expect(describeRights(agent({ workflow }), [])).toEqual([
      'Has no tools of its own: its workflow says who does what.',
    ]);
    expect(describeRights(agent({ framework: 'a2a' }), [])).toEqual([
      'Runs elsewhere: the portal sees what it is asked and what it answers, and not what it does there.',
    ]);
  });

  it('names the default route only of agents that take it', () => {
    expect(modelUnnamed(agent({}))).toBe('The default route');
    expect(modelUnnamed(agent({ workflow: {} }))).toBe('Those of its steps');
    expect(modelUnnamed(agent({ type: 'external' }))).toBe('Its own choice');
  });
});

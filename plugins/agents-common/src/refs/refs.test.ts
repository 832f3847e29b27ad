import type { AgentEntity } from '../kinds/AgentEntity';
import { modelEntityName, toolEntityName } from './entityNames';
import { modelRefOf } from './modelRef';
import { agentRefsOf, fullRefOf, modelRefsOf } from './specRefs';

describe('entity names', () => {
  it('joins server and tool, and replaces what names forbid', () => {
    expect(toolEntityName('orders', 'find_order')).toBe('orders.find_order');
    expect(toolEntityName('backstage-actions', 'catalog:get entity!')).toBe(
      'backstage-actions.catalog-get-entity',
    );
    expect(modelEntityName('builtin/extractive')).toBe('builtin.extractive');
    expect(modelEntityName('ollama/qwen3:8b')).toBe('ollama.qwen3-8b');
  });

  it('keeps long names apart and within the limit', () => {
    const long = 'x'.repeat(80);
    const first = toolEntityName('orders', `${long}1`);
    const second = toolEntityName('orders', `${long}2`);
    expect(first).not.toBe(second);
    expect(first.length).toBeLessThanOrEqual(63);
    expect(first).toMatch(/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/);
  });

  it('names a tool that has no legal letter', () => {
    expect(modelEntityName('***')).toMatch(/^x[0-9a-f]{8}$/);
  });
});

describe('modelRefOf', () => {
  it.each([
    ['openai/gpt-5.1', 'model:default/openai.gpt-5.1'],
    ['ollama/qwen3:8b', 'model:default/ollama.qwen3-8b'],
    ['balanced', 'model:default/balanced'],
    ['Model:Claims/Own', 'model:claims/own'],
    ['model:balanced', 'model:default/balanced'],
  ])('reads %s as %s', (model, ref) => {
    expect(modelRefOf(model)).toBe(ref);
  });
});

describe('agentRefsOf', () => {
  it('completes and merges refs', () => {
    const agent = {
      apiVersion: 'agentportal.dev/v1alpha1',
      kind: 'Agent',
      metadata: { name: 'x', namespace: 'claims' },
      spec: {
        type: 'assistant',
        lifecycle: 'experimental',
        owner: 'team',
        sponsor: 'default/dana',
        autonomy: 'copilot',
        model: 'ollama/qwen3:8b',
        tools: ['a', 'tool:claims/A', 'tool:default/b'],
      },
    } as AgentEntity;
    expect(agentRefsOf(agent)).toEqual({
      owner: 'group:claims/team',
      sponsor: 'user:default/dana',
      model: 'model:default/ollama.qwen3-8b',
      tools: ['tool:claims/a', 'tool:default/b'],
      knowledge: [],
      handoffs: [],
      skills: [],
    });
  });
});

describe('fullRefOf', () => {
  it.each([
    ['Triage', 'agent:default/triage'],
    ['Agent:Claims/My_agent.2', 'agent:claims/my_agent.2'],
    ['claims/triage', 'agent:claims/triage'],
    ['component:default/triage', undefined],
    ['agent:default/a\u0000b', undefined],
    ['agent:default/', undefined],
    ['agent:a/b/c', undefined],
    ['agent:default/-x', undefined],
    ['', undefined],
  ])('reads %j as the agent %s', (text, ref) => {
    expect(fullRefOf(text, 'Agent')).toBe(ref);
  });
});

describe('modelRefsOf', () => {
  it('turns the gateway ids of candidates and fallbacks into refs', () => {
    expect(
      modelRefsOf({
        apiVersion: 'agentportal.dev/v1alpha1',
        kind: 'Model',
        metadata: { name: 'balanced' },
        spec: {
          type: 'route',
          lifecycle: 'production',
          owner: 'platform',
          candidates: [
            'openai/gpt-5.1',
            { model: 'model:default/builtin.extractive', tier: 'simple' },
          ],
          fallbacks: ['ollama/qwen3:8b'],
        },
      }),
    ).toMatchObject({
      candidates: [
        'model:default/openai.gpt-5.1',
        'model:default/builtin.extractive',
      ],
      fallbacks: ['model:default/ollama.qwen3-8b'],
    });
  });
});

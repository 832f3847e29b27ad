import type { AgentEntity } from '../kinds/AgentEntity';
import { autonomyCeiling } from './autonomyCeiling';
import { decideModelUse } from './decideModelUse';
import { decideAgentState } from './decideAgentState';
import { decideToolCall } from './decideToolCall';
import { riskTierOf } from './riskTierOf';

function agent(spec: Partial<AgentEntity['spec']> = {}): AgentEntity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: 'triage', title: 'Claims triage' },
    spec: {
      type: 'assistant',
      lifecycle: 'experimental',
      owner: 'claims',
      autonomy: 'supervised',
      tools: ['orders.find_order'],
      ...spec,
    },
  };
}

const toolRef = 'tool:default/orders.find_order';

describe('riskTierOf', () => {
  it.each([
    [undefined, 'critical'],
    [{}, 'critical'],
    [{ readOnlyHint: true, openWorldHint: true }, 'read'],
    [{ destructiveHint: true }, 'critical'],
    [{ openWorldHint: true }, 'critical'],
    [{ destructiveHint: false }, 'write'],
    [{ destructiveHint: false, openWorldHint: false }, 'write'],
    [{ destructiveHint: false, openWorldHint: true }, 'external'],
  ])('takes %j for %s', (annotations, tier) => {
    expect(riskTierOf(annotations)).toBe(tier);
  });
});

describe('decideToolCall', () => {
  it('lets an agent call up to the ceiling of its autonomy', () => {
    expect(
      decideToolCall({ agent: agent(), toolRef, riskTier: 'write' }),
    ).toEqual({
      allowed: true,
      reason:
        'Claims triage declares tool:default/orders.find_order, and supervised covers write tools.',
    });
    const refused = decideToolCall({
      agent: agent(),
      toolRef,
      riskTier: 'external',
    });
    expect(refused.allowed).toBe(false);
    expect(refused.reason).toBe(
      'Claims triage is on supervised, which covers read and write tools without an approval; tool:default/orders.find_order is external.',
    );
  });

  it('holds an agent to the autonomy of those who handed it the work', () => {
    const call = {
      agent: agent({ autonomy: 'autopilot' }),
      toolRef,
      riskTier: 'write',
    } as const;
    expect(decideToolCall(call).allowed).toBe(true);
    expect(decideToolCall({ ...call, ceiling: 'copilot' })).toEqual({
      allowed: false,
      reason:
        'Claims triage is on copilot for this task, which covers only read tools without an approval; tool:default/orders.find_order is write.',
    });
    // A header that says nonsense does not widen anything.
    expect(
      decideToolCall({ ...call, ceiling: 'unlimited' as never }).allowed,
    ).toBe(false);
    expect(
      decideToolCall({ ...call, agent: agent(), ceiling: 'autopilot' }).allowed,
    ).toBe(true);
  });

  it('refuses tools that the agent does not declare', () => {
    const decision = decideToolCall({
      agent: agent({ tools: undefined }),
      toolRef,
      riskTier: 'read',
    });
    expect(decision.allowed).toBe(false);
    expect(decision.reason).toContain('does not declare');
  });

  it('refuses critical and forbidden tools at every autonomy', () => {
    for (const autonomy of ['copilot', 'supervised', 'autopilot'] as const) {
      expect(autonomyCeiling(autonomy)).toContain('read');
      for (const riskTier of ['critical', 'forbidden'] as const) {
        expect(
          decideToolCall({ agent: agent({ autonomy }), toolRef, riskTier }),
        ).toMatchObject({ allowed: false });
      }
    }
  });

  it('stops an agent that is suspended', () => {
    expect(
      decideToolCall({
        agent: agent({ lifecycle: 'suspended' }),
        toolRef,
        riskTier: 'read',
      }),
    ).toEqual({
      allowed: false,
      reason: 'Claims triage is suspended, so it may not act.',
    });
  });

  it('takes the namespace of the agent for a short ref', () => {
    const elsewhere = agent();
    elsewhere.metadata.namespace = 'claims';
    expect(
      decideToolCall({ agent: elsewhere, toolRef, riskTier: 'read' }).allowed,
    ).toBe(false);
  });
});

describe('decideModelUse', () => {
  it('allows the declared model, by ref, id or name', () => {
    const declared = agent({ model: 'model:default/openai.gpt-5.1' });
    for (const model of ['openai/gpt-5.1', 'model:default/openai.gpt-5.1']) {
      expect(decideModelUse({ agent: declared, model }).allowed).toBe(true);
    }
    expect(decideModelUse({ agent: declared, model: 'openai/gpt-5' })).toEqual({
      allowed: false,
      reason:
        'Claims triage uses model:default/openai.gpt-5.1, not model:default/openai.gpt-5. Its owner can change spec.model.',
    });
  });

  it('allows the candidates of the declared route', () => {
    const options = {
      agent: agent({ model: 'balanced' }),
      routeCandidates: ['builtin/extractive'],
    };
    expect(
      decideModelUse({ ...options, model: 'builtin/extractive' }).allowed,
    ).toBe(true);
    expect(decideModelUse({ ...options, model: 'balanced' }).allowed).toBe(
      true,
    );
    expect(decideModelUse({ ...options, model: 'openai/o9' }).allowed).toBe(
      false,
    );
  });

  it('gives an agent without a model the default route', () => {
    expect(decideModelUse({ agent: agent(), model: 'balanced' }).allowed).toBe(
      true,
    );
  });
});

describe('decideAgentState', () => {
  const NOW = Date.UTC(2026, 10, 28);
  const decide = (options: Partial<Parameters<typeof decideAgentState>[0]>) =>
    decideAgentState({
      agentRef: 'agent:default/triage',
      agent: agent({ lifecycle: 'production' }),
      now: NOW,
      ...options,
    });
  const orphanedFor = (days: number) => ({
    orphaned: {
      since: new Date(NOW - days * 86_400_000).toISOString(),
      sponsorRef: 'user:default/leo',
    },
  });
  const suspended = {
    at: '2026-11-27T10:00:00.000Z',
    by: 'user:default/omar',
    reason: 'Refunds twice.',
  };

  it('tells who stopped an agent, when and why', () => {
    expect(decide({ record: { suspended } })).toEqual({
      state: 'suspended',
      allowed: false,
      reason:
        'Claims triage was suspended by user:default/omar on 2026-11-27, so it may not act: Refunds twice.',
    });
  });

  it('lets an agent without a sponsor go on until its grace is over', () => {
    expect(decide({ record: orphanedFor(6.9) }).allowed).toBe(true);
    expect(decide({ record: orphanedFor(7) })).toMatchObject({
      state: 'orphaned',
      reason: expect.stringContaining('user:default/leo left'),
    });
    expect(decide({ record: orphanedFor(2), sponsorGraceDays: 1 }).state).toBe(
      'orphaned',
    );
  });

  it('lets only owners use an agent that is under review', () => {
    const acting = (...ownershipRefs: string[]) =>
      decide({
        agent: agent({ lifecycle: 'review', owner: 'claims' }),
        acting: { person: { ref: 'user:default/dana', ownershipRefs } },
      });
    expect(acting('group:default/claims').allowed).toBe(true);
    expect(acting('group:default/other')).toMatchObject({
      state: 'active',
      allowed: false,
      reason: expect.stringContaining('is under review'),
    });
  });

  it('lets an agent act by itself only with an identity of its own', () => {
    const alone = (spec: Partial<AgentEntity['spec']>) =>
      decide({ agent: agent(spec), acting: {} }).allowed;
    expect(alone({})).toBe(false);
    expect(alone({ identity: 'person' })).toBe(false);
    expect(alone({ identity: 'own' })).toBe(true);
    expect(alone({ identity: 'own', lifecycle: 'retired' })).toBe(false);
  });

  it('holds an agent to the identity with which it acted first', () => {
    expect(
      decide({
        agent: agent({ identity: 'own' }),
        record: { identity: 'person' },
        acting: {},
      }).reason,
    ).toContain('make a new agent');
  });
});

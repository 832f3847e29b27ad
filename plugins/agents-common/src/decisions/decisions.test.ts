import type { AgentEntity, DataClassification } from '../kinds/AgentEntity';
import type { DecidedAgent } from './Decision';
import { autonomyCeiling } from './autonomyCeiling';
import { decideModelUse } from './decideModelUse';
import { decideAgentState } from './decideAgentState';
import { type DecidedTool, decideToolCall } from './decideToolCall';
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

/** An agent, as the agents plugin tells of it. */
function decided(fields: Partial<DecidedAgent> = {}): DecidedAgent {
  return {
    agentRef: 'agent:default/triage',
    title: 'Claims triage',
    state: 'active',
    ownerRef: 'group:default/claims',
    autonomy: 'supervised',
    tools: [toolRef],
    ...fields,
  };
}

describe('decideToolCall', () => {
  const tool = (fields: Partial<DecidedTool> = {}): DecidedTool => ({
    ref: toolRef,
    ownerRef: 'group:default/orders',
    riskTier: 'write',
    ...fields,
  });

  it('lets an agent call up to the ceiling of its autonomy', () => {
    expect(decideToolCall({ agent: decided(), tool: tool() })).toEqual({
      allowed: true,
      reason:
        'Claims triage declares tool:default/orders.find_order, and supervised covers write tools.',
      ruleIds: [],
    });
    expect(
      decideToolCall({
        agent: decided(),
        tool: tool({ riskTier: 'external' }),
      }),
    ).toEqual({
      allowed: false,
      reason:
        'Claims triage is on supervised, which covers read and write tools without an approval; tool:default/orders.find_order is external. Its owner group:default/claims decides about its autonomy.',
      ruleIds: ['built-in#autonomy'],
      approvable: true,
    });
  });

  it('holds an agent to the autonomy of those who handed it the work', () => {
    const desk = decided({ autonomy: 'autopilot' });
    const call = { agent: desk, tool: tool() };
    expect(decideToolCall(call).allowed).toBe(true);
    expect(
      decideToolCall({ ...call, task: { autonomy: 'copilot' } }),
    ).toMatchObject({
      allowed: false,
      reason: expect.stringContaining(
        'Claims triage is on copilot for this task, which covers only read tools',
      ),
    });
    // A level that is none does not widen anything.
    expect(
      decideToolCall({ ...call, task: { autonomy: 'unlimited' as never } })
        .allowed,
    ).toBe(false);
    expect(
      decideToolCall({
        agent: decided({ autonomy: 'copilot' }),
        tool: tool(),
        task: { autonomy: 'autopilot' },
      }).allowed,
    ).toBe(false);
  });

  it('refuses tools that the agent does not declare, or the task was not given', () => {
    expect(
      decideToolCall({ agent: decided({ tools: [] }), tool: tool() }),
    ).toEqual({
      allowed: false,
      reason:
        'Claims triage does not declare tool:default/orders.find_order. Its owner group:default/claims can add it to spec.tools.',
      ruleIds: ['built-in#declared'],
    });
    expect(
      decideToolCall({
        agent: decided(),
        tool: tool(),
        task: { autonomy: 'autopilot', tools: ['tool:default/other'] },
      }),
    ).toMatchObject({ allowed: false, ruleIds: ['built-in#task'] });
  });

  it('refuses critical and forbidden tools at every autonomy', () => {
    for (const autonomy of ['copilot', 'supervised', 'autopilot'] as const) {
      expect(autonomyCeiling(autonomy)).toContain('read');
      for (const riskTier of ['critical', 'forbidden'] as const) {
        expect(
          decideToolCall({
            agent: decided({ autonomy }),
            tool: tool({ riskTier }),
          }),
        ).toMatchObject({ allowed: false, ruleIds: [`built-in#${riskTier}`] });
      }
    }
  });

  it('refuses data that is more sensitive than the agent, or its task, may see', () => {
    const allowed = (
      ofAgent: DataClassification | undefined,
      ofTool: DataClassification | undefined,
      ofTask?: DataClassification,
    ) =>
      decideToolCall({
        agent: decided({ dataClassification: ofAgent }),
        tool: tool({ dataClassification: ofTool }),
        task: { autonomy: 'supervised', dataClass: ofTask },
      }).allowed;
    expect(allowed('confidential', 'confidential')).toBe(true);
    expect(allowed('internal', 'confidential')).toBe(false);
    expect(allowed('confidential', 'confidential', 'internal')).toBe(false);
    expect(allowed('confidential', 'internal', 'internal')).toBe(true);
    // What says nothing is internal.
    expect(allowed(undefined, undefined)).toBe(true);
    expect(allowed(undefined, 'confidential')).toBe(false);
    expect(allowed('public', undefined)).toBe(false);
    expect(allowed('restricted', 'top-secret' as never)).toBe(false);
    expect(
      decideToolCall({
        agent: decided(),
        tool: tool({ dataClassification: 'confidential' }),
      }),
    ).toEqual({
      allowed: false,
      reason:
        'tool:default/orders.find_order gives confidential data, and Claims triage may see data up to internal. Its owner group:default/claims decides about spec.dataClassification; about the tool ask its owner group:default/orders.',
      ruleIds: ['built-in#data'],
    });
  });

  it('says where an approval is all that is missing, and lets it stand over the risk alone', () => {
    const critical = tool({ riskTier: 'critical' });
    const confidential = tool({
      riskTier: 'critical',
      dataClassification: 'confidential',
    });
    expect(decideToolCall({ agent: decided(), tool: critical })).toEqual({
      allowed: false,
      reason:
        'tool:default/orders.find_order is critical: every call needs an approval by people.',
      ruleIds: ['built-in#critical'],
      approvable: true,
    });
    expect(
      decideToolCall({ agent: decided(), tool: critical, approved: true }),
    ).toMatchObject({ allowed: true });
    for (const [options, limit] of [
      [{ agent: decided({ state: 'suspended' }), tool: critical }, 'state'],
      [{ agent: decided({ tools: [] }), tool: critical }, 'declared'],
      [
        { agent: decided(), tool: tool({ riskTier: 'forbidden' }) },
        'forbidden',
      ],
      [{ agent: decided(), tool: confidential }, 'data'],
      [
        {
          agent: decided(),
          tool: critical,
          task: { autonomy: 'autopilot' as const, tools: ['tool:default/x'] },
        },
        'task',
      ],
    ] as const) {
      for (const approved of [false, true]) {
        const decision = decideToolCall({ ...options, approved } as Parameters<
          typeof decideToolCall
        >[0]);
        expect(decision).toMatchObject({
          allowed: false,
          ruleIds: [`built-in#${limit}`],
        });
        expect(decision).not.toHaveProperty('approvable');
      }
    }
  });

  it('stops an agent that may not act', () => {
    const reason = 'Claims triage is suspended, so it may not act.';
    expect(
      decideToolCall({
        agent: decided({ state: 'suspended', reason }),
        tool: tool({ riskTier: 'read' }),
      }),
    ).toEqual({ allowed: false, reason, ruleIds: ['built-in#state'] });
  });
});

describe('decideModelUse', () => {
  it('allows the declared model, by ref, id or name', () => {
    const declared = decided({ modelRef: 'model:default/openai.gpt-5.1' });
    for (const model of ['openai/gpt-5.1', 'model:default/openai.gpt-5.1']) {
      expect(decideModelUse({ agent: declared, model }).allowed).toBe(true);
    }
    expect(decideModelUse({ agent: declared, model: 'openai/gpt-5' })).toEqual({
      allowed: false,
      reason:
        'Claims triage uses model:default/openai.gpt-5.1, not model:default/openai.gpt-5. Its owner group:default/claims can change spec.model.',
      ruleIds: ['built-in#model'],
    });
  });

  it('allows the candidates of the declared route', () => {
    const options = {
      agent: decided({ modelRef: 'model:default/balanced' }),
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
    expect(
      decideModelUse({ agent: decided(), model: 'balanced' }).allowed,
    ).toBe(true);
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
    const lifecycle = 'production';
    expect(alone({ identity: 'own', lifecycle })).toBe(true);
    expect(alone({ identity: 'own', lifecycle: 'retired' })).toBe(false);
  });

  it.each(['experimental', 'review'] as const)(
    'lets an agent that is in %s act for its owner, and not in its own name',
    lifecycle => {
      const acting = (person?: { ref: string; ownershipRefs: string[] }) =>
        decide({
          agent: agent({ identity: 'own', lifecycle, owner: 'claims' }),
          acting: { person },
        });
      expect(acting()).toMatchObject({
        state: 'active',
        allowed: false,
        reason: expect.stringContaining('not in its own name'),
      });
      expect(
        acting({
          ref: 'user:default/dana',
          ownershipRefs: ['group:default/claims'],
        }).allowed,
      ).toBe(true);
    },
  );

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

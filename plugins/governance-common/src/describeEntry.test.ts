import { describeEntry } from './describeEntry';

const dana = 'user:default/dana';
const desk = 'agent:default/desk';
const front = 'agent:default/front';

const started: Parameters<typeof describeEntry>[0] = {
  type: 'delegation',
  action: 'agents.delegation-create',
  actor: { type: 'person', ref: dana },
  outcome: 'succeeded',
  agentRef: desk,
  personRef: dana,
  resource: desk,
  delegation: { chain: [desk] },
};

describe('describeEntry', () => {
  it('says who handed work on where somebody did, and only there', () => {
    expect(describeEntry(started)).toBe(
      `${dana} gave a delegation to ${desk}.`,
    );
    expect(
      describeEntry({
        type: 'tool-call',
        action: 'tool.call',
        actor: { type: 'agent', ref: desk },
        outcome: 'succeeded',
        agentRef: desk,
        personRef: dana,
        resource: 'tool:default/orders.find',
        delegation: { chain: [front, desk] },
      }),
    ).toBe(
      `${desk} called the tool tool:default/orders.find for ${dana}, handed on by ${front}.`,
    );
  });

  it('says that somebody repeated a run', () => {
    expect(
      describeEntry({
        type: 'run',
        action: 'orchestration.run-fork',
        actor: { type: 'person', ref: dana },
        outcome: 'succeeded',
      }),
    ).toBe(`${dana} repeated a run.`);
  });

  it('tells a call that was rehearsed from one that was made', () => {
    expect(
      describeEntry({
        type: 'tool-call',
        action: 'tool.call',
        actor: { type: 'agent', ref: desk },
        outcome: 'succeeded',
        resource: 'tool:default/finance.refund',
        data: { rehearsal: true, rehearsed: { answeredBy: 'sentence' } },
      }),
    ).toBe(`${desk} rehearsed a call of the tool tool:default/finance.refund.`);
  });

  it('says what became of a request that people decide', () => {
    const entry = {
      type: 'approval' as const,
      action: 'approval.reject',
      actor: { type: 'person' as const, ref: dana },
      outcome: 'succeeded' as const,
      agentRef: desk,
      personRef: 'user:default/lea',
      resource: 'tool:default/finance.refund',
      reason: 'It was never paid.',
    };
    expect(describeEntry(entry)).toBe(
      `${dana} rejected tool:default/finance.refund for user:default/lea: It was never paid.`,
    );
    expect(
      describeEntry({
        ...entry,
        action: 'approval.redeem',
        actor: { type: 'service', ref: 'plugin:tools' },
        outcome: 'denied',
      }),
    ).toContain('used the approval of tool:default/finance.refund');
  });

  it('says whose delegation ended, and not its number', () => {
    expect(
      describeEntry({
        ...started,
        action: 'agents.delegation-end',
        actor: { type: 'service', ref: 'plugin:orchestration' },
      }),
    ).toBe(`plugin:orchestration ended a delegation of ${desk} for ${dana}.`);
  });

  it('says which permission was given and which credential made', () => {
    const actor = { type: 'person', ref: dana } as const;
    const about = { actor, agentRef: desk, resource: desk } as const;
    expect(
      describeEntry({
        ...about,
        type: 'policy-change',
        action: 'agents.agent-grant-create',
        outcome: 'succeeded',
        data: { meta: { permission: 'catalog.location.read' } },
      }),
    ).toBe(`${dana} gave a permission to ${desk} (catalog.location.read).`);
    expect(
      describeEntry({
        ...about,
        type: 'credential',
        action: 'agents.agent-credential-create',
        outcome: 'succeeded',
        personal: { [dana]: { title: 'Nightly job' } },
      }),
    ).toBe(`${dana} made a credential of ${desk} (Nightly job).`);
  });

  it('says how a run ended, and names rules only where they refused', () => {
    expect(
      describeEntry({
        type: 'run',
        action: 'orchestration.run-end',
        actor: { type: 'agent', ref: desk },
        outcome: 'denied',
        personRef: dana,
        reason: 'It was suspended.',
        data: { status: 'cancelled' },
        ruleIds: ['built-in#state'],
      }),
    ).toBe(
      `${desk} ended its run for ${dana}; this was stopped: It was suspended (rules built-in#state).`,
    );
    expect(
      describeEntry({
        type: 'run',
        action: 'orchestration.run-end',
        actor: { type: 'agent', ref: desk },
        outcome: 'succeeded',
        personRef: dana,
        data: { status: 'succeeded', refusedCalls: 1 },
      }),
    ).toBe(`${desk} ended its run for ${dana}; one call was refused in it.`);
    expect(
      describeEntry({ ...started, outcome: 'denied', ruleIds: ['a#b'] }),
    ).toContain('(rules a#b)');
    expect(
      describeEntry({
        ...started,
        type: 'model-call',
        action: 'model.call',
        outcome: 'failed',
        data: { cancelled: true },
      }),
    ).toContain('this was stopped');
  });
});

import { type AuditLog, digestOf } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { ServiceUnavailableError } from '@backstage/errors';
import { CallAudit } from './CallAudit';

const tool = { ref: 'tool:default/orders.refund', hash: 'h', riskTier: 'read' };

const args = { amount: 200, iban: 'DE02120300000000202051' };

function call(riskTier: string, run?: object, decision: object = {}) {
  return {
    callId: 'c1',
    caller: { type: run ? 'agent' : 'person', ref: 'user:default/dana', run },
    tool: { ...tool, riskTier },
    argsDigest: digestOf(args),
    decision: {
      allowed: true,
      reason: 'The agent declares it.',
      ruleIds: [],
      ...decision,
    },
  } as any;
}

describe('CallAudit', () => {
  const told: Array<[keyof AuditLog, AuditRecord]> = [];
  let away = false;
  const audit = new CallAudit({
    record: async record => {
      if (away) throw new ServiceUnavailableError('The log is away');
      told.push(['record', record]);
    },
    note: async record => {
      told.push(['note', record]);
    },
  });
  beforeEach(() => {
    told.length = 0;
    away = false;
  });

  it('lets nothing of a high tier happen that the log does not know', async () => {
    await audit.begins(call('read'));
    await audit.begins(call('write'));
    expect(told).toEqual([]);
    await audit.begins(call('external'));
    expect(told).toEqual([
      [
        'record',
        expect.objectContaining({
          outcome: 'started',
          reason: 'The agent declares it.',
          riskTier: 'external',
        }),
      ],
    ]);
    away = true;
    await expect(audit.begins(call('critical'))).rejects.toThrow('away');
  });

  it('tells who, for whom, in what work and with which digest, and never what', async () => {
    const run = {
      agentRef: 'agent:default/desk',
      runId: 'r1',
      sessionId: 's1',
      step: 2,
      chain: ['agent:default/front', 'agent:default/desk'],
    };
    await audit.ended(call('write', run), { durationMs: 12.4 });
    await audit.refused(call('write', run), 'denied', 'Not declared.');
    await audit.ended(call('read'), {
      durationMs: 1,
      errorCode: 'timeout',
      failure: 'It took too long.',
    });
    const [[, ended], [, refused], [, failed]] = told;
    expect(ended).toMatchObject({
      actor: { type: 'agent', ref: 'agent:default/desk' },
      personRef: 'user:default/dana',
      delegation: { chain: run.chain },
      runId: 'r1',
      sessionId: 's1',
      step: 2,
      outcome: 'succeeded',
      reason: 'The agent declares it.',
      argsDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(refused).toMatchObject({
      outcome: 'denied',
      reason: 'Not declared.',
    });
    expect(failed).toMatchObject({
      actor: { type: 'person', ref: 'user:default/dana' },
      outcome: 'failed',
      reason: 'It took too long.',
      data: { errorCode: 'timeout' },
    });
    expect(JSON.stringify(told)).not.toContain('DE02');
  });

  it('tells which rules refused, which would have, and of which version they are', async () => {
    await audit.refused(
      call('write', undefined, {
        ruleIds: ['portal/refunds#limit'],
        rulesVersion: 'v1',
      }),
      'denied',
      'Too much.',
    );
    await audit.ended(
      call('write', undefined, { logOnly: [{ ruleId: 'portal/trial#hours' }] }),
      { durationMs: 1 },
    );
    expect(told.map(([, record]) => record)).toMatchObject([
      {
        ruleIds: ['portal/refunds#limit'],
        versions: { toolSchema: 'h', rules: 'v1' },
      },
      { data: { wouldRefuse: ['portal/trial#hours'] } },
    ]);
  });
});

import type {
  AutonomyEvidence,
  CallDecision,
  EarnedAutonomy,
} from '@agentportal/plugin-agents-common';
import {
  agreementOf,
  type AutonomyTerms,
  standingOf,
  whyLost,
} from './standing';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 29);
const SEND = 'tool:default/mail.send';

const TERMS: AutonomyTerms = {
  target: { write: 0.9, external: 0.95 },
  confidence: 0.95,
  minimumDecisions: 20,
  minimumDays: 14,
  minimumDeciders: 2,
  askedShare: 0.05,
  lookBackDays: 365,
};

function decisions(
  count: number,
  change: Partial<CallDecision> = {},
): CallDecision[] {
  return Array.from({ length: count }, (_, n) => ({
    approvalId: `${change.outcome ?? 'unchanged'}-${n}`,
    toolRef: SEND,
    riskTier: 'external',
    outcome: 'unchanged',
    requestDigest: `${change.outcome ?? 'unchanged'}-${n}`,
    personRef: `user:default/p${n % 7}`,
    deciders: [`user:default/d${n % 3}`],
    decidedAt: new Date(NOW - 20 * DAY_MS + n).toISOString(),
    isHasty: false,
    ...change,
  }));
}

function evidence(change: Partial<AutonomyEvidence> = {}): AutonomyEvidence {
  return {
    agentRef: 'agent:default/desk',
    autonomy: 'supervised',
    isActive: true,
    tools: [{ toolRef: SEND, riskTier: 'external', covered: false }],
    decisions: decisions(59),
    hasMore: false,
    earned: [],
    ...change,
  };
}

const stand = (
  change: Partial<AutonomyEvidence> = {},
  options: Partial<Parameters<typeof standingOf>[2]> = {},
) =>
  standingOf(evidence(change), TERMS, {
    beginning: { at: NOW - 365 * DAY_MS },
    now: NOW,
    ...options,
  })[0];

const EARNED: EarnedAutonomy = {
  id: 'earned',
  agentRef: 'agent:default/desk',
  toolRef: SEND,
  riskTier: 'external',
  askedShare: 0.05,
  approvalId: 'approval',
  createdAt: new Date(NOW - 10 * DAY_MS).toISOString(),
  holds: true,
  basis: {
    ...{ agreed: 59, counted: 59, lowerBound: 0.95, target: 0.95 },
    ...{ confidence: 0.95, deciders: 3, people: 7 },
    since: new Date(NOW - 40 * DAY_MS).toISOString(),
    until: new Date(NOW - 11 * DAY_MS).toISOString(),
  },
};

describe('what an agent has to show', () => {
  it('is a bound and no share: 59 of 59 show 95 %, and 58 of 58 or 92 of 93 do not', () => {
    expect(stand()).toMatchObject({ standing: 'ready', missing: [] });
    expect(stand().lowerBound).toBeGreaterThanOrEqual(0.95);
    expect(stand({ decisions: decisions(58) })).toMatchObject({
      standing: 'asks',
      missing: ['1 more call that people approve as it is.'],
    });
    const spoilt = (agreed: number) =>
      stand({
        decisions: [
          ...decisions(agreed),
          ...decisions(1, { outcome: 'changed' }),
        ],
      });
    expect(spoilt(91).standing).toBe('asks');
    expect(spoilt(92).standing).toBe('ready');
  });

  it('takes time, several people, and nothing that is open', () => {
    const recent = { decidedAt: new Date(NOW - 2 * DAY_MS).toISOString() };
    expect(stand({ decisions: decisions(80, recent) }).missing).toEqual([
      '14 days of evidence; so far there are 2.',
    ]);
    const one = { deciders: ['user:default/d0'] };
    expect(stand({ decisions: decisions(80, one) }).missing).toEqual([
      'Decisions of 2 different people; so far one has decided.',
    ]);
    expect(stand({}, { unheard: 'alarm' }).standing).toBe('asks');
    expect(stand({}, { unheard: 'muted' }).missing).toEqual([
      'Alarms about it are muted: have them again first.',
    ]);
    expect(stand({ isActive: false }).standing).toBe('asks');
  });

  it('cannot be made of the same call, of clicks, or of what was decided about another risk', () => {
    const again = decisions(80, { requestDigest: 'the-same' });
    expect(agreementOf(again)).toMatchObject({ counted: 1, ignored: 79 });
    // Of the same call the worst counts, whatever came after it.
    expect(
      agreementOf([
        ...decisions(1, { requestDigest: 'a' }),
        ...decisions(1, { requestDigest: 'a', outcome: 'rejected' }),
        ...decisions(1, { requestDigest: 'a' }),
      ]),
    ).toMatchObject({ unchanged: 0, rejected: 1 });
    expect(
      stand({ decisions: decisions(80, { isHasty: true }) }),
    ).toMatchObject({ counted: 0, ignored: 80, standing: 'asks' });
    expect(
      agreementOf(decisions(1, { isHasty: true, outcome: 'rejected' })),
    ).toMatchObject({ rejected: 1 });
    expect(
      stand({ decisions: decisions(80, { riskTier: 'write' }) }).counted,
    ).toBe(0);
  });

  it('begins anew after an incident, and after it was lost', () => {
    expect(
      stand({}, { beginning: { at: NOW - DAY_MS, reason: 'x' } }).counted,
    ).toBe(0);
    const lost = {
      ...EARNED,
      holds: false,
      endedAt: new Date(NOW - DAY_MS).toISOString(),
      endedBy: 'plugin:evals',
      endReason: 'Why.',
    };
    expect(stand({ earned: [lost] })).toMatchObject({
      counted: 0,
      standing: 'asks',
      lost: { reason: 'Why.' },
    });
  });

  it('is nothing for what is covered, critical or of no known risk', () => {
    const of = (tool: Partial<AutonomyEvidence['tools'][number]>) =>
      stand({ tools: [{ toolRef: SEND, covered: false, ...tool }] }).standing;
    expect(of({ riskTier: 'write', covered: true })).toBe('covered');
    expect(of({ riskTier: 'critical' })).toBe('never');
    expect(of({})).toBe('never');
    const { earned, standing } = stand({ earned: [EARNED] });
    expect(standing).toBe('earned');
    // Whoever knew the id could tell which calls nobody is asked about.
    expect(earned).toEqual({
      ...{ approvalId: 'approval', askedShare: 0.05 },
      createdAt: EARNED.createdAt,
    });
  });
});

describe('how it is lost', () => {
  const lose = (
    change: Partial<AutonomyEvidence> = {},
    beginning: Parameters<typeof whyLost>[3] = { at: 0 },
  ) => whyLost(EARNED, evidence(change), TERMS, beginning);
  const drawn = (count: number, change: Partial<CallDecision> = {}) =>
    decisions(count, { decidedAt: new Date(NOW).toISOString(), ...change });

  it('stays while people agree, and goes with the first disagreements', () => {
    expect(lose({ decisions: drawn(0) })).toBeUndefined();
    expect(lose({ decisions: drawn(30) })).toBeUndefined();
    // One of thirty may be luck, at a target of 95 %; two of two, or of three, are not.
    const mixed = (agreed: number, rejected: number) =>
      lose({
        decisions: [
          ...drawn(agreed),
          ...drawn(rejected, { outcome: 'rejected' }),
        ],
      });
    expect(mixed(29, 1)).toBeUndefined();
    expect(mixed(0, 1)).toBeUndefined();
    expect(mixed(0, 2)).toContain('0 of the 2 calls');
    expect(mixed(1, 2)).toBeDefined();
    // Also while people decided about it; what came before is in its basis already.
    const between = new Date(NOW - 10.5 * DAY_MS).toISOString();
    expect(
      lose({
        decisions: decisions(9, { outcome: 'rejected', decidedAt: between }),
      }),
    ).toBeDefined();
    expect(
      lose({ decisions: decisions(9, { outcome: 'rejected' }) }),
    ).toBeUndefined();
  });

  it('goes at once with an incident, a change, or another risk of the tool', () => {
    const at = NOW - DAY_MS;
    expect(lose({}, { at, reason: 'An alarm about it was real.' })).toBe(
      'An alarm about it was real.',
    );
    // What was there when its evidence began is no news.
    expect(
      lose({ decisions: [] }, { at: NOW - 50 * DAY_MS, reason: 'x' }),
    ).toBeUndefined();
    expect(lose({ tools: [] })).toContain('not declare');
    expect(
      lose({
        tools: [{ toolRef: SEND, riskTier: 'write', covered: true }],
      }),
    ).toContain('write now');
    expect(
      lose({ tools: [{ toolRef: SEND, covered: false }] }),
    ).toBeUndefined();
  });
});

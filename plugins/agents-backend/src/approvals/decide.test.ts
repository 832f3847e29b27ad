import type { ActionBinding } from '@agentportal/plugin-agents-common';
import { actionDigest } from '@agentportal/plugin-agents-node';
import type { JsonObject } from '@backstage/types';
import fc from 'fast-check';
import type { ApprovalRecord, Decider, Requirement } from './ApprovalRecord';
import { breakGlass, decide, settle, whyNotRedeem, withdraw } from './decide';
import { matrixRuleSchema, refsOf, ruleFor } from './matrix';

const GRANT_MS = 600;
const GROUPS: Record<string, string[]> = {
  'group:default/care': ['ann', 'ben', 'cat'],
  'group:default/money': ['cat', 'dan'],
  'group:default/ops': ['eve'],
};
const PEOPLE = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
const FOR_WHOM = 'ann';
/** Fay decides for Ben while he is away, and for Ann, who must not decide. */
const STANDS_IN_FOR: Record<string, string[]> = { fay: ['ben', 'ann'] };
const ON_CALL = ['dan', 'ann'];

const matrix = [
  {
    when: { amountOver: { argument: 'amount', value: 100 } },
    approvers: ['agent-owner', 'tool-owner'],
    quorum: 2,
    differentGroups: true,
  },
  {
    when: { amountOver: { argument: 'amount', value: 50 } },
    approvers: ['agent-owner'],
    quorum: 2,
  },
  { approvers: ['agent-owner'], onExpiry: 'escalate' },
].map(rule => matrixRuleSchema.parse(rule));
const holders = {
  'agent-owner': 'group:default/care',
  'tool-owner': 'group:default/money',
  operators: ['group:default/ops'],
};

function bindingOf(amount: number, change: object = {}): ActionBinding {
  return {
    agentRef: 'agent:default/desk',
    personRef: FOR_WHOM,
    toolRef: 'tool:default/finance.refund',
    schemaDigest: 'h1',
    rulesVersion: '1',
    args: { amount },
    ...change,
  };
}

function requirementOf(args: JsonObject): Requirement {
  const rule = ruleFor(matrix, { kind: 'tool-call', args })!;
  return {
    refs: refsOf(rule.approvers, holders),
    quorum: rule.quorum,
    differentGroups: rule.differentGroups,
    expiresAfterMs: 1_000,
    onExpiry: rule.onExpiry,
    escalateTo: holders.operators,
  };
}

function requestOf(amount: number): ApprovalRecord {
  const binding = bindingOf(amount);
  return {
    id: 'a',
    requestKey: 'k',
    kind: 'tool-call',
    status: 'pending',
    requestedBy: binding.agentRef,
    agentRef: binding.agentRef,
    personRef: FOR_WHOM,
    runId: 'run-1',
    digest: actionDigest(binding),
    createdAt: 0,
    expiresAt: 1_000,
    revision: 0,
    details: {
      title: '',
      reason: '',
      binding,
      tool: { name: 'refund', riskTier: 'external' },
      requirement: requirementOf(binding.args as JsonObject),
      excluded: [FOR_WHOM],
      decisions: [],
      messages: [],
    },
  };
}

function groupsOf(person: string): string[] {
  return Object.keys(GROUPS).filter(ref => GROUPS[ref].includes(person));
}

function deciderOf(ref: string): Decider {
  return {
    ref,
    capacities: [ref, ...(STANDS_IN_FOR[ref] ?? [])].map(person => ({
      person,
      refs: [person, ...groupsOf(person)],
    })),
    onCall: ON_CALL.includes(ref),
  };
}

/** Whether some people may let a call pass, found out by trying everything. */
function mayPass(
  approvers: string[],
  amount: number,
  escalated: boolean,
): boolean {
  const [quorum, different, refs] =
    amount > 100
      ? [2, true, ['group:default/care', 'group:default/money']]
      : [amount > 50 ? 2 : 1, false, ['group:default/care']];
  const asked = [...refs, ...(escalated ? holders.operators : [])];
  const standsFor = (person: string) =>
    [person, ...(STANDS_IN_FOR[person] ?? [])].filter(
      each => each !== FOR_WHOM,
    );
  // Each approver as one of those for whom they may be, and for one of the groups.
  const assign = (left: string[], people: string[], used: string[]): number =>
    left.length === 0
      ? 0
      : Math.max(
          assign(left.slice(1), people, used),
          ...standsFor(left[0])
            .filter(person => !people.includes(person))
            .flatMap(person =>
              groupsOf(person)
                .filter(ref => asked.includes(ref))
                .filter(ref => !different || !used.includes(ref))
                .map(
                  ref =>
                    1 +
                    assign(
                      left.slice(1),
                      [...people, person, left[0]],
                      [...used, ref],
                    ),
                ),
            ),
        );
  return !approvers.includes(FOR_WHOM) && assign(approvers, [], []) >= quorum;
}

const amounts = fc.constantFrom(10, 10, 60, 200);
const person = fc.constantFrom(...PEOPLE);
const acts = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'approve' as const,
        'reject' as const,
      ),
      by: person,
      edit: fc.option(amounts, { nil: undefined, freq: 3 }),
      stale: fc.nat(4).map(n => n === 0),
    }),
    fc.record({ type: fc.constant('break' as const), by: person }),
    fc.record({ type: fc.constant('withdraw' as const) }),
    fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 300, 600, 1_000),
    }),
    fc.record({
      type: fc.constant('call' as const),
      /** As it is asked now, unless another one is given. */
      amount: fc.option(amounts, { nil: undefined, freq: 4 }),
      change: fc.constantFrom<object>(
        {},
        {},
        {},
        { rulesVersion: '2' },
        { schemaDigest: 'h2' },
        { personRef: 'dan' },
      ),
      runId: fc.constantFrom('run-1', 'run-1', 'run-2', undefined),
      jti: fc.constantFrom('own', 'own', 'forged'),
    }),
  ),
  { minLength: 3, maxLength: 14 },
);

describe('decisions about requests', () => {
  it('let no call pass but once, in time, as it was approved, by those whom the matrix names', () => {
    let passed = 0;
    let alone = 0;
    fc.assert(
      fc.property(amounts, acts, (asked, all) => {
        let now = 0;
        let record = requestOf(asked);
        let seen = record.digest;
        const attempt = (change: () => ApprovalRecord) => {
          try {
            record = change();
          } catch {
            // It was refused.
          }
        };
        for (const act of all) {
          record = settle(record, now);
          switch (act.type) {
            case 'wait':
              now += act.ms;
              break;
            case 'withdraw':
              record = withdraw(record, FOR_WHOM, undefined, now);
              break;
            case 'break':
              attempt(() =>
                breakGlass(record, deciderOf(act.by), {
                  decision: 'approve',
                  digest: record.digest,
                  reason: 'Now.',
                  now,
                  grantMs: GRANT_MS,
                }),
              );
              break;
            case 'call': {
              const amount =
                act.amount ?? (record.details.binding!.args.amount as number);
              const binding = bindingOf(amount, act.change);
              const call = {
                digest: actionDigest(binding),
                jti: act.jti === 'own' ? record.grantJti ?? 'none' : 'forged',
                runId: act.runId,
              };
              if (
                record.redeemedAt !== undefined ||
                whyNotRedeem(record, call, now)
              ) {
                break;
              }
              record = { ...record, redeemedAt: now };
              passed += 1;
              // What is about to be done is what was approved, by rules that still hold.
              expect(act.change).toEqual({});
              expect(act.runId).toBe('run-1');
              expect(act.jti).toBe('own');
              expect(record.status).toBe('approved');
              expect(now - record.closedAt!).toBeLessThan(GRANT_MS);
              const decisions = record.details.decisions.filter(
                each => each.digest === call.digest,
              );
              expect(record.details.decisions).toEqual(
                record.details.decisions.filter(
                  ({ decision }) => decision === 'approve',
                ),
              );
              const broke = decisions.find(each => each.brokenGlass);
              if (broke) {
                alone += 1;
                expect(broke.by).toBe('dan');
              } else {
                expect(
                  mayPass(
                    decisions.map(({ by }) => by),
                    amount,
                    record.details.escalatedAt !== undefined,
                  ),
                ).toBe(true);
              }
              break;
            }
            default: {
              const { edit } = act;
              const digest = act.stale ? seen : record.digest;
              attempt(() =>
                decide(record, deciderOf(act.by), {
                  decision: act.type,
                  digest,
                  reason: 'No.',
                  now,
                  grantMs: GRANT_MS,
                  ...(edit !== undefined && {
                    edit: {
                      title: '',
                      binding: bindingOf(edit),
                      digest: actionDigest(bindingOf(edit)),
                      requirement: requirementOf({ amount: edit }),
                    },
                  }),
                }),
              );
              if (!act.stale) {
                seen = digest;
              }
            }
          }
        }
      }),
      { numRuns: 20_000 },
    );
    // Otherwise nothing was shown.
    expect(passed).toBeGreaterThan(300);
    expect(alone).toBeGreaterThan(20);
  });

  it('asks others about other arguments, and never the one for whom it is done', () => {
    const record = requestOf(10);
    const request = {
      decision: 'approve' as const,
      digest: record.digest,
      now: 1,
      grantMs: GRANT_MS,
    };
    expect(() => decide(record, deciderOf('ann'), request)).toThrow(
      'somebody else decides',
    );
    // Her deputy is one for Ben too, and decides for him.
    expect(
      decide(record, deciderOf('fay'), request).details.decisions,
    ).toMatchObject([{ by: 'fay', inPlaceOf: 'ben' }]);
    expect(() => decide(record, deciderOf('dan'), request)).toThrow(
      'You were not asked',
    );
    expect(() =>
      decide(record, deciderOf('ben'), { ...request, digest: 'sha256:0' }),
    ).toThrow('changed it since');
    expect(() =>
      decide(record, deciderOf('ben'), { ...request, now: 1_000 }),
    ).toThrow('time is over');
  });
});

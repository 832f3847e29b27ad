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
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: 5 * others.length },
    { arbitrary: fc.constantFrom(...others), weight: others.length },
  );
const anyAct = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: mostly<'approve' | 'reject'>('approve', 'reject'),
      by: person,
      edit: fc.option(amounts, { nil: undefined, freq: 3 }),
      stale: mostly(false, true),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('call' as const),
      /** As it is asked now, unless another one is given. */
      amount: fc.option(amounts, { nil: undefined, freq: 2 }),
      change: mostly<object>(
        {},
        { rulesVersion: '2' },
        { schemaDigest: 'h2' },
        { personRef: 'dan' },
      ),
      runId: mostly<string | undefined>('run-1', 'run-2', undefined),
      jti: mostly('own', 'forged'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 300, 600, 1_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('break' as const), by: person }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('withdraw' as const) }),
  },
);
/** Also when the clock of the server has not come by before it. */
const acts = fc.array(
  fc
    .tuple(anyAct, fc.boolean())
    .map(([each, settles]) => ({ ...each, settles })),
  { minLength: 4, maxLength: 16 },
);

type Act = (typeof acts extends fc.Arbitrary<infer All> ? All : never)[number];

/** Plays what people and a gateway do; tells which calls passed, and what was wrong with each. */
function play(asked: number, all: readonly Act[]) {
  let now = 0;
  let record = requestOf(asked);
  let seen = record.digest;
  const calls: Array<{ wrong: string[]; isAlone: boolean }> = [];
  const attempt = (change: () => ApprovalRecord) => {
    try {
      record = change();
    } catch {
      // It was refused.
    }
  };
  const common = () => ({ reason: 'So.', now, grantMs: GRANT_MS });

  function call(act: Extract<Act, { type: 'call' }>) {
    const amount =
      act.amount ?? (record.details.binding!.args.amount as number);
    const wanted = {
      digest: actionDigest(bindingOf(amount, act.change)),
      jti: act.jti === 'own' ? record.grantJti ?? 'none' : 'forged',
      runId: act.runId,
    };
    if (record.redeemedAt !== undefined || whyNotRedeem(record, wanted, now)) {
      return;
    }
    record = { ...record, redeemedAt: now };
    const { decisions, escalatedAt } = record.details;
    const about = decisions.filter(each => each.digest === wanted.digest);
    const broke = about.find(each => each.brokenGlass);
    const isRight = broke
      ? broke.by === 'dan'
      : mayPass(
          about.map(({ by }) => by),
          amount,
          escalatedAt !== undefined,
        );
    const wrong = {
      'rules, schema or person changed': Object.keys(act.change).length > 0,
      'another run': act.runId !== 'run-1',
      forged: act.jti !== 'own',
      'not approved': record.status !== 'approved',
      'too late': now - record.closedAt! >= GRANT_MS,
      'decided too late': about.some(({ at }) => at >= record.expiresAt),
      rejected: decisions.some(({ decision }) => decision === 'reject'),
      'by others than the matrix names': !isRight,
    };
    calls.push({
      isAlone: broke !== undefined,
      wrong: Object.entries(wrong).flatMap(([what, is]) => (is ? what : [])),
    });
  }

  function decideAs(act: Extract<Act, { type: 'approve' | 'reject' }>) {
    const { by, edit, type } = act;
    const digest = act.stale ? seen : record.digest;
    seen = digest;
    attempt(() =>
      decide(record, deciderOf(by), {
        decision: type,
        digest,
        ...common(),
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
  }

  for (const act of all) {
    if (act.settles) {
      record = settle(record, now);
    }
    switch (act.type) {
      case 'wait':
        now += act.ms;
        break;
      case 'withdraw':
        record = withdraw(record, FOR_WHOM, undefined, now);
        break;
      case 'break':
        breakAlone(act.by);
        break;
      case 'call':
        call(act);
        break;
      default:
        decideAs(act);
    }
  }
  function breakAlone(by: string) {
    attempt(() =>
      breakGlass(record, deciderOf(by), {
        decision: 'approve',
        digest: record.digest,
        ...common(),
      }),
    );
  }
  return calls;
}

describe('decisions about requests', () => {
  it('let no call pass but once, in time, as it was approved, by those whom the matrix names', () => {
    const passed: ReturnType<typeof play> = [];
    fc.assert(
      fc.property(amounts, acts, (asked, all) => {
        const calls = play(asked, all);
        passed.push(...calls);
        expect(calls.flatMap(({ wrong }) => wrong)).toEqual([]);
        expect(calls.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 6_000 },
    );
    // Otherwise nothing was shown.
    expect(passed.length).toBeGreaterThan(300);
    expect(passed.filter(({ isAlone }) => isAlone).length).toBeGreaterThan(20);
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

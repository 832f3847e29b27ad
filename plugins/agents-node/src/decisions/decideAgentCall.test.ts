import { checkRules, type Rule, RuleEngine } from '@agentportal/agent-rules';
import {
  AUTONOMY_LEVELS,
  DATA_CLASSIFICATIONS,
  lowestAutonomy,
  RISK_TIERS,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import fc from 'fast-check';
import { type AgentCallQuestion, decideAgentCall } from './decideAgentCall';

jest.setTimeout(3_600_000);

/** `npm run test:conformance` asks for 100,000. */
const numRuns = Number(process.env.CONFORMANCE_CASES ?? 1_500);
const seed = Number(process.env.CONFORMANCE_SEED ?? Date.now() % 2 ** 31);

const REFUND = 'tool:default/crm.refund';
const VERIFY = 'tool:default/crm.verify';
const tool = (ref: string) => ({
  ref,
  riskTier: 'write' as RiskTier,
  ownerRef: 'group:default/care',
  serverRef: 'api:default/crm',
  inputSchema: {
    type: 'object',
    properties: {
      amount: { type: 'number' },
      count: { type: 'integer' },
      note: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  },
});
const CONDITIONS = [
  'when { context.args has amount && context.args.amount.greaterThan(decimal("200.0")) }',
  'when { context.args has count && context.args.count > 3 }',
  'when { context.args has note && context.args.note like "*x*" }',
  'when { context.args has tags && context.args.tags.contains("a") }',
  `when { context.session.calls["${REFUND}"].hour > 2 }`,
  `unless { context.session.succeeded["${VERIFY}"].session > 0 }`,
  `when { context.session.sums["${REFUND}"]["amount"].run.greaterThan(decimal("10.0")) }`,
  'unless { context.env.hour >= 8 && context.env.hour < 20 }',
  'when { context has person && context.person.groups.contains("group:default/a") }',
  'when { principal.autonomy == "autopilot" }',
  'when { context.provenance has note && !context.provenance.note.contains("person") }',
];
const { rules, problems } = checkRules(
  {
    text: CONDITIONS.map(
      (condition, i) =>
        `@id("r${i}") @reason("Rule ${i}.") forbid(principal, action, resource) ${condition};`,
    ).join('\n'),
    name: 'test',
    scope: { type: 'central' },
  },
  [tool(REFUND), tool(VERIFY)],
);

const engines = new Map<string, RuleEngine>();
function engineOf(chosen: Rule[]): RuleEngine {
  const key = chosen.map(({ id, mode }) => `${id} ${mode}`).join();
  let engine = engines.get(key);
  if (!engine) {
    engine = new RuleEngine(chosen, { timeZone: 'UTC', freeze: [] });
    engines.set(key, engine);
    if (engines.size > 300) {
      const [[oldest, old]] = engines;
      engines.delete(oldest);
      old.close();
    }
  }
  return engine;
}

const windows = fc.integer({ min: 0, max: 5 }).map(n => ({
  run: n,
  session: n,
  hour: n,
}));
const question: fc.Arbitrary<AgentCallQuestion> = fc
  .record({
    autonomy: fc.constantFrom(...AUTONOMY_LEVELS),
    ceiling: fc.option(fc.constantFrom(...AUTONOMY_LEVELS), {
      nil: undefined,
    }),
    riskTier: fc.constantFrom(...RISK_TIERS),
    clearance: fc.option(fc.constantFrom(...DATA_CLASSIFICATIONS), {
      nil: undefined,
    }),
    taskClass: fc.option(fc.constantFrom(...DATA_CLASSIFICATIONS), {
      nil: undefined,
    }),
    dataClassification: fc.option(fc.constantFrom(...DATA_CLASSIFICATIONS), {
      nil: undefined,
    }),
    given: fc.option(fc.subarray([REFUND, VERIFY]), { nil: undefined }),
    declared: fc.subarray([REFUND, VERIFY]),
    ref: fc.constantFrom(REFUND, VERIFY),
    args: fc.record(
      {
        amount: fc.oneof(fc.double(), fc.constant('3'), fc.constant(null)),
        count: fc.oneof(fc.integer(), fc.double()),
        note: fc.string(),
        tags: fc.array(fc.string({ maxLength: 2 })),
      },
      { requiredKeys: [] },
    ),
    clearanceOfPerson: fc.option(fc.constantFrom(...DATA_CLASSIFICATIONS), {
      nil: undefined,
    }),
    groups: fc.option(fc.subarray(['group:default/a', 'group:default/b']), {
      nil: undefined,
    }),
    calls: windows,
    verified: windows,
    now: fc.integer({ min: 1_790_000_000_000, max: 1_800_000_000_000 }),
  })
  .map(of => ({
    agent: {
      agentRef: 'agent:default/helper',
      title: 'Helper',
      state: 'active' as const,
      ownerRef: 'group:default/care',
      lifecycle: 'production',
      autonomy: of.autonomy,
      dataClassification: of.clearance,
      tools: of.declared,
    },
    tool: {
      ...tool(of.ref),
      riskTier: of.riskTier,
      dataClassification: of.dataClassification,
    },
    task: of.ceiling && {
      autonomy: of.ceiling,
      dataClass: of.taskClass,
      tools: of.given,
    },
    args: of.args,
    ...(of.groups && {
      person: {
        ref: 'user:default/dana',
        groups: of.groups,
        clearance: of.clearanceOfPerson,
      },
    }),
    history: {
      calls: new Map([[REFUND, of.calls]]),
      succeeded: new Map([[VERIFY, of.verified]]),
      sums: new Map(),
    },
    now: of.now,
  }));
const someRules = fc.subarray(rules);
/** Questions that only a rule or the data refuses: at random, few of them are allowed. */
const likely = question.map(asked => ({
  ...asked,
  task: undefined,
  agent: {
    ...asked.agent,
    autonomy: 'autopilot' as const,
    tools: [REFUND, VERIFY],
  },
}));
/** The smallest case in which a property does not hold, in words. */
function failureOf(property: fc.IProperty<any>): string | undefined {
  const details = fc.check(property, { numRuns, seed });
  return details.failed ? fc.defaultReportMessage(details) : undefined;
}

describe(`decisions about calls (${numRuns} cases, seed ${seed})`, () => {
  it('has rules to try', () => {
    expect(problems).toEqual([]);
    expect(rules).toHaveLength(CONDITIONS.length);
  });

  it('never allow more with one more rule', () => {
    let refusals = 0;
    expect(
      failureOf(
        fc.property(
          fc.oneof(question, likely),
          someRules,
          fc.nat({ max: rules.length - 1 }),
          (asked, chosen, at) => {
            const fewer = chosen.filter(rule => rule !== rules[at]);
            const before = decideAgentCall(engineOf(fewer), asked);
            const after = decideAgentCall(
              engineOf([...fewer, rules[at]]),
              asked,
            );
            refusals += before.allowed && !after.allowed ? 1 : 0;
            return before.allowed || !after.allowed;
          },
        ),
      ),
    ).toBeUndefined();
    expect(refusals).toBeGreaterThan(0);
  });

  it('never allow what the agent does not declare, or its autonomy does not cover', () => {
    expect(
      failureOf(
        fc.property(question, someRules, (asked, chosen) => {
          const without = decideAgentCall(engineOf([]), asked);
          const { allowed } = decideAgentCall(engineOf(chosen), asked);
          return (
            !allowed ||
            (without.allowed &&
              asked.agent.tools.includes(asked.tool.ref) &&
              !['critical', 'forbidden'].includes(asked.tool.riskTier))
          );
        }),
      ),
    ).toBeUndefined();
  });

  it('let an approval stand over the risk, and over nothing else', () => {
    const seen = { approvable: 0, forbidden: 0 };
    expect(
      failureOf(
        fc.property(question, someRules, (asked, chosen) => {
          const before = decideAgentCall(engineOf(chosen), asked);
          const after = decideAgentCall(engineOf(chosen), {
            ...asked,
            approved: true,
          });
          const unruled = decideAgentCall(engineOf([]), asked);
          seen.approvable += before.approvable ? 1 : 0;
          seen.forbidden += unruled.approvable && !before.approvable ? 1 : 0;
          return (
            !(before.allowed && before.approvable) &&
            after.allowed === (before.allowed || Boolean(before.approvable))
          );
        }),
      ),
    ).toBeUndefined();
    expect(seen.approvable).toBeGreaterThan(0);
    expect(seen.forbidden).toBeGreaterThan(0);
  });

  it('never allow more when work is handed on', () => {
    expect(
      failureOf(
        fc.property(
          question,
          someRules,
          fc.constantFrom(...AUTONOMY_LEVELS),
          (asked, chosen, lower) => {
            // A rule against too much autonomy is milder to those who have less.
            const engine = engineOf(
              chosen.filter(({ id }) => id !== 'test#r9'),
            );
            const { agent, task } = asked;
            const narrower = {
              ...task,
              autonomy: lowestAutonomy([
                task?.autonomy ?? agent.autonomy,
                lower,
              ]),
            };
            const whole = decideAgentCall(engine, asked);
            const handed = decideAgentCall(engine, {
              ...asked,
              task: narrower,
            });
            return whole.allowed || !handed.allowed;
          },
        ),
      ),
    ).toBeUndefined();
  });

  it('are for nobody who may not see the data, and change nothing for others', () => {
    let refusals = 0;
    expect(
      failureOf(
        fc.property(fc.oneof(question, likely), someRules, (asked, chosen) => {
          const engine = engineOf(chosen);
          const { person, tool: asks } = asked;
          const most = person?.clearance ?? 'restricted';
          const mayNot =
            DATA_CLASSIFICATIONS.indexOf(
              asks.dataClassification ?? 'internal',
            ) > DATA_CLASSIFICATIONS.indexOf(most);
          const whole = decideAgentCall(engine, {
            ...asked,
            ...(person && { person: { ...person, clearance: undefined } }),
          }).allowed;
          refusals += whole && mayNot ? 1 : 0;
          return decideAgentCall(engine, asked).allowed === (whole && !mayNot);
        }),
      ),
    ).toBeUndefined();
    expect(refusals).toBeGreaterThan(0);
  });

  it('are the same for a list and a call where no rule needs the call', () => {
    expect(
      failureOf(
        fc.property(question, someRules, (asked, chosen) => {
          const engine = engineOf(
            chosen.filter(({ reads }) =>
              reads.every(([part]) => ['env', 'person'].includes(part)),
            ),
          );
          return (
            decideAgentCall(engine, asked).allowed ===
            decideAgentCall(engine, { ...asked, args: undefined }).allowed
          );
        }),
      ),
    ).toBeUndefined();
  });

  it('let log-only rules refuse nothing', () => {
    expect(
      failureOf(
        fc.property(question, someRules, (asked, chosen) => {
          const logged = chosen.map((rule): Rule => ({ ...rule, mode: 'log' }));
          const { allowed, logOnly } = decideAgentCall(engineOf(logged), asked);
          const table = decideAgentCall(engineOf([]), asked);
          const enforced = decideAgentCall(engineOf(chosen), asked);
          return (
            allowed === table.allowed &&
            (!table.allowed || enforced.allowed === (logOnly.length === 0))
          );
        }),
      ),
    ).toBeUndefined();
  });
});

it('people are asked still about a share of what an agent has earned, and about more where less was handed on', () => {
  const engine = engineOf([]);
  const earned = { id: 'a-secret', toolRef: REFUND, askedShare: 0.2 };
  const ask = (n: number, change: Partial<AgentCallQuestion> = {}) =>
    decideAgentCall(engine, {
      agent: {
        agentRef: 'agent:default/desk',
        title: 'Desk',
        state: 'active',
        autonomy: 'copilot',
        tools: [REFUND],
        earned: [{ ...earned, riskTier: 'write' }],
      },
      tool: tool(REFUND),
      args: { amount: n },
      provenance: {},
      now: 0,
      ...change,
    });
  const asked = Array.from({ length: 1_000 }, (_, n) => ask(n)).filter(
    ({ allowed, approvable }) => !allowed && approvable,
  );
  expect(asked.length).toBeGreaterThan(150);
  expect(asked.length).toBeLessThan(250);
  // The same call is decided in the same way each time, and an approval ends the asking.
  const drawn = Array.from({ length: 50 }, (_, n) => n).find(
    n => !ask(n).allowed,
  )!;
  expect(ask(drawn)).toEqual(ask(drawn));
  expect(ask(drawn, { approved: true }).allowed).toBe(true);
  // A rehearsal does not tell which calls are drawn.
  expect(ask(drawn, { isTrial: true }).allowed).toBe(true);
  const undrawn = Array.from({ length: 50 }, (_, n) => n).find(
    n => ask(n).allowed,
  )!;
  for (const change of [
    { task: { autonomy: 'copilot' as const } },
    { tool: { ...tool(REFUND), riskTier: 'external' as const } },
    { tool: { ...tool(REFUND), riskTier: 'critical' as const } },
  ]) {
    const isNarrowed = 'tool' in change;
    expect(ask(undrawn, change).allowed).toBe(!isNarrowed);
  }
  expect(
    ask(undrawn, {
      agent: {
        agentRef: 'agent:default/desk',
        title: 'Desk',
        state: 'active',
        autonomy: 'supervised',
        tools: [REFUND],
        earned: [{ ...earned, riskTier: 'external' }],
      },
      tool: { ...tool(REFUND), riskTier: 'external' },
      task: { autonomy: 'copilot' },
    }).allowed,
  ).toBe(false);
});

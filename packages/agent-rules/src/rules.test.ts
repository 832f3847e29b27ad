import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import {
  checkRules,
  RuleEngine,
  unitsAt,
  type CallHistory,
  type RuledCall,
  type RuledTool,
  type RuleScope,
} from './index';

// The real one, which also counts how often it is asked.
jest.mock('@cedar-policy/cedar-wasm/nodejs', () => {
  const real = jest.requireActual('@cedar-policy/cedar-wasm/nodejs');
  return {
    ...real,
    validate: jest.fn(real.validate),
    statefulIsAuthorized: jest.fn(real.statefulIsAuthorized),
  };
});

const REFUND = 'tool:default/crm.refund';
const VERIFY = 'tool:default/crm.verify_customer';
const AGENT = 'agent:default/helper';
const OTHER = 'api:default/other';
const ofOther = { type: 'server', serverRef: OTHER } as const;
const settings = { timeZone: 'Europe/Berlin', freeze: [] as string[] };

function tool(
  ref: string,
  properties: object,
  required: string[] = [],
): RuledTool {
  return {
    ref,
    riskTier: 'external',
    ownerRef: 'group:default/care',
    serverRef: 'api:default/crm',
    inputSchema: { type: 'object', properties, required },
  };
}

const refund = tool(
  REFUND,
  {
    amount: { type: 'number' },
    currency: { enum: ['EUR', 'USD'] },
    address: { type: 'string' },
    note: { type: ['string', 'null'] },
    lines: { type: 'array', items: { type: 'string' } },
    order: {
      type: 'object',
      properties: {
        total: { type: 'integer' },
        'ship-to': { $ref: '#/$defs/x' },
      },
      required: ['total'],
    },
    any: { type: ['string', 'number'] },
  },
  ['amount'],
);
const verify = tool(VERIFY, { id: { type: 'integer' } }, ['id']);
const tools = [refund, verify];

function engineOf(text: string, scope: RuleScope = { type: 'central' }) {
  const { rules, problems } = checkRules(
    { text, name: 'portal/t', scope },
    tools,
  );
  expect(problems).toEqual([]);
  return new RuleEngine(rules, settings);
}

function problemsOf(text: string, scope: RuleScope = { type: 'central' }) {
  return checkRules({ text, name: 'portal/t', scope }, tools).problems;
}

function call(
  args: Record<string, unknown> | undefined,
  more: Partial<RuledCall> = {},
): RuledCall {
  return {
    agent: {
      ref: AGENT,
      ownerRef: 'group:default/care',
      autonomy: 'autopilot',
      lifecycle: 'production',
    },
    tool: refund,
    args,
    now: Date.parse('2026-11-27T10:00:00Z'),
    ...more,
  };
}

function history(
  of: Partial<
    Record<keyof CallHistory, Record<string, [number, number, number]>>
  >,
): CallHistory {
  const windows = (map: Record<string, [number, number, number]> = {}) =>
    new Map(
      Object.entries(map).map(([key, [run, session, hour]]) => [
        key,
        { run, session, hour },
      ]),
    );
  return {
    calls: windows(of.calls),
    succeeded: windows(of.succeeded),
    sums: windows(of.sums),
  };
}

const limit = (mode = 'enforce') => `
@id("limit") @reason("Refunds above 200 EUR are for people.") @ask("the team care") @mode("${mode}")
forbid(principal, action, resource == Tool::"${REFUND}")
when { context.args.amount.greaterThan(decimal("200.0")) };`;

describe('arguments', () => {
  it('refuses above a limit, by a hair too, and names the rule and whom to ask', () => {
    const engine = engineOf(limit());
    expect(engine.judge(call({ amount: 200 })).allowed).toBe(true);
    expect(engine.judge(call({ amount: 200.000001 }))).toEqual({
      allowed: false,
      refusedBy: [
        {
          ruleId: 'portal/t#limit',
          reason: 'Refunds above 200 EUR are for people. Ask the team care.',
        },
      ],
      logOnly: [],
    });
  });

  it('refuses what cannot be judged instead of passing over it', () => {
    const engine = engineOf(limit());
    for (const amount of ['300', 1e300, Number.NaN, [1], {}, null, undefined]) {
      expect(engine.judge(call({ amount })).allowed).toBe(false);
    }
  });

  it('is not kept from judging by arguments that no rule reads', () => {
    const engine = engineOf(limit());
    expect(
      engine.judge(call({ amount: 1, order: { total: 1e300 }, note: 7 }))
        .allowed,
    ).toBe(true);
    const whole = engineOf(
      `@id("same") @reason("No.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has order && context.args.order.total == 2 };`,
    );
    expect(whole.judge(call({ amount: 1, order: { total: 2 } })).allowed).toBe(
      false,
    );
    expect(
      whole.judge(call({ amount: 1, order: { total: 1e300 } })).allowed,
    ).toBe(false);
  });

  it('judges what needs no call even when the arguments cannot be judged', () => {
    const engine = engineOf(`${limit('log')}
@id("owner") @reason("Not theirs.") forbid(principal, action, resource) when { resource.owner == "group:default/care" };`);
    expect(engine.judge(call({ amount: 'x' }))).toMatchObject({
      allowed: false,
      refusedBy: [{ ruleId: 'portal/t#owner' }],
      logOnly: [{ ruleId: 'portal/t#limit' }],
    });
  });

  it('reads nested, optional, listed and mixed values', () => {
    const engine = engineOf(`
@id("total") @reason("Too much.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has order && context.args.order.total > 10 };
@id("lines") @reason("Not that.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has lines && context.args.lines.contains("gold") };
@id("any") @reason("Not seven.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has any && context.args.any == "7" };
@id("note") @reason("No notes.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has note && context.args.note like "*x*" };`);
    const ids = (args: object) =>
      engine
        .judge(call({ amount: 1, ...args }))
        .refusedBy.map(hit => hit.ruleId.split('#')[1]);
    expect(ids({ order: { total: 11 } })).toEqual(['total']);
    expect(ids({ order: { total: 10 }, note: null })).toEqual([]);
    expect(ids({ lines: ['a', 'gold'] })).toEqual(['lines']);
    expect(ids({ any: 7 })).toEqual(['any']);
    expect(ids({ any: '7', note: 'axb' }).sort()).toEqual(['any', 'note']);
    expect(ids({ __proto__: null, constructor: 'x' })).toEqual([]);
  });

  it('keeps apart the rules of a text with more than ten of them', () => {
    const engine = engineOf(
      Array.from(
        { length: 25 },
        (_, i) =>
          `@id("r${i}") @reason("${i}") forbid(principal, action, resource == Tool::"${
            i % 2 ? REFUND : VERIFY
          }") when { ${
            i % 2
              ? `context.args has currency && context.args.currency == "${i}"`
              : `context.args.id == ${i}`
          } };`,
      ).join('\n'),
    );
    expect(
      engine.judge(call({ amount: 1, currency: '13' })).refusedBy,
    ).toMatchObject([{ ruleId: 'portal/t#r13' }]);
    expect(
      engine.judge(call({ id: 14 }, { tool: verify })).refusedBy,
    ).toMatchObject([{ ruleId: 'portal/t#r14' }]);
  });
});

describe('history', () => {
  it('counts, asks for what went before, and sums', () => {
    const engine = engineOf(`
@id("hour") @reason("Three an hour.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.calls["${REFUND}"].hour > 3 };
@id("verified") @reason("Verify first.") forbid(principal, action, resource == Tool::"${REFUND}") unless { context.session.succeeded["${VERIFY}"].session > 0 };
@id("sum") @reason("500 in all.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.sums["${REFUND}"]["amount"].session.greaterThan(decimal("500.0")) };`);
    expect(engine.needsOf(AGENT, refund)).toEqual({
      calls: [REFUND, VERIFY],
      sums: [{ toolRef: REFUND, path: 'amount' }],
    });
    expect(engine.needsOf(AGENT, verify)).toBeUndefined();
    expect(engine.counted(REFUND)).toEqual({
      counted: true,
      paths: ['amount'],
    });
    const ids = (past: CallHistory | undefined) =>
      engine
        .judge(call({ amount: 1 }, { history: past }))
        .refusedBy.map(hit => hit.ruleId.split('#')[1]);
    expect(ids(undefined)).toEqual(['verified']);
    const verified = { [VERIFY]: [1, 1, 1] as [number, number, number] };
    expect(
      ids(history({ succeeded: verified, calls: { [REFUND]: [1, 3, 3] } })),
    ).toEqual([]);
    expect(
      ids(
        history({
          succeeded: verified,
          calls: { [REFUND]: [1, 1, 4] },
          sums: { [`${REFUND} amount`]: [1, 5_000_001, 1] },
        }),
      ),
    ).toEqual(['hour', 'sum']);
  });
});

describe('environment, person and provenance', () => {
  it('knows the hour of the zone, freezes, groups and who said a text', () => {
    const text = `
@id("hours") @reason("Office hours.") forbid(principal, action, resource) unless { context.env.hour >= 9 && context.env.hour < 12 && context.env.weekday == "friday" && context.env.date == datetime("2026-11-27") };
@id("freeze") @reason("Frozen.") forbid(principal, action, resource) when { context.env.freeze.contains("payments") };
@id("finance") @reason("For finance.") forbid(principal, action, resource == Tool::"${REFUND}") unless { context has person && context.person.groups.contains("group:default/finance") };
@id("said") @reason("Only what the person said.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.provenance has address && !context.provenance.address.containsAny(["person", "tool:default/crm.find_customer"]) };`;
    const { rules } = checkRules(
      { text, name: 'portal/t', scope: { type: 'central' } },
      tools,
    );
    const ids = (more: Partial<RuledCall>, freeze: string[] = []) => {
      const engine = new RuleEngine(rules, { ...settings, freeze });
      const { refusedBy } = engine.judge(call({ amount: 1 }, more));
      engine.close();
      return refusedBy.map(hit => hit.ruleId.split('#')[1]);
    };
    const person = {
      ref: 'user:default/dana',
      groups: ['group:default/finance'],
    };
    expect(ids({ person })).toEqual([]);
    expect(ids({ person, now: Date.parse('2026-11-27T07:59:59Z') })).toEqual([
      'hours',
    ]);
    expect(ids({ person, now: Date.parse('2026-11-27T11:00:00Z') })).toEqual([
      'hours',
    ]);
    expect(ids({ person }, ['payments'])).toEqual(['freeze']);
    expect(ids({})).toEqual(['finance']);
    const args = { amount: 1, address: 'x' };
    expect(ids({ person, args })).toEqual(['said']);
    const said = (...origins: string[]) =>
      ids({ person, args, provenance: { address: origins } });
    expect(said('person')).toEqual([]);
    expect(said('tool:default/web.fetch')).toEqual(['said']);
    expect(
      said('tool:default/web.fetch', 'tool:default/crm.find_customer'),
    ).toEqual([]);
  });

  it('says of a list what it says of a call, as far as no call is needed', () => {
    const engine = engineOf(`${limit()}
@id("freeze") @reason("Frozen.") forbid(principal == Agent::"${AGENT}", action, resource) when { resource.riskTier == "external" };`);
    expect(engine.judge(call(undefined)).refusedBy).toMatchObject([
      { ruleId: 'portal/t#freeze' },
    ]);
    const other = { ...call(undefined).agent, ref: 'agent:default/other' };
    expect(engine.judge(call(undefined, { agent: other })).allowed).toBe(true);
  });
});

describe('modes and owners', () => {
  it('writes down what log-only rules would refuse, and forgets rules that are off', () => {
    expect(engineOf(limit('log')).judge(call({ amount: 300 }))).toMatchObject({
      allowed: true,
      logOnly: [{ ruleId: 'portal/t#limit' }],
    });
    expect(engineOf(limit('off')).judge(call({ amount: 300 }))).toEqual({
      allowed: true,
      refusedBy: [],
      logOnly: [],
    });
  });

  it('holds the rules of an owner to what they own', () => {
    const all = `@id("all") @reason("No.") forbid(principal, action, resource);`;
    const other = { ...call({}).agent, ref: 'agent:default/other' };
    const ofAgent = engineOf(all, { type: 'agent', agentRef: AGENT });
    expect(ofAgent.judge(call({ amount: 1 })).allowed).toBe(false);
    expect(ofAgent.judge(call({ amount: 1 }, { agent: other })).allowed).toBe(
      true,
    );
    const ofTool = engineOf(all, { type: 'tool', toolRef: VERIFY });
    expect(ofTool.judge(call({ amount: 1 })).allowed).toBe(true);
    expect(ofTool.judge(call({ id: 1 }, { tool: verify })).allowed).toBe(false);
    const ofServer = engineOf(all, ofOther);
    expect(ofServer.judge(call({ amount: 1 })).allowed).toBe(true);
    for (const scope of [{ type: 'tool', toolRef: REFUND } as const, ofOther]) {
      expect(
        problemsOf(
          `@id("x") @reason("No.") forbid(principal, action, resource == Tool::"${VERIFY}");`,
          scope,
        ),
      ).toMatchObject([
        { rule: 'x', message: expect.stringContaining('may not speak about') },
      ]);
    }
  });

  it('asks the rules of a server about its own tools only', () => {
    const text = `@id("big") @reason("No.") forbid(principal, action, resource) when { context.args.amount == decimal("5.0") && context.session.calls["${VERIFY}"].hour > 3 };`;
    const other = { ...refund, ref: 'tool:default/o.t', serverRef: OTHER };
    const { rules, problems } = checkRules(
      { text, name: OTHER, scope: ofOther },
      [...tools, other],
    );
    expect(problems).toEqual([]);
    const engine = new RuleEngine(rules, settings);
    // Neither history is read nor arguments that nobody can judge are refused.
    expect(engine.needsOf(AGENT, refund)).toBeUndefined();
    expect(engine.judge(call({ amount: 1e300 })).allowed).toBe(true);
    expect(engine.needsOf(AGENT, other)).toMatchObject({ calls: [VERIFY] });
    expect(engine.judge(call({ amount: 1e300 }, { tool: other })).allowed).toBe(
      false,
    );
  });

  it('takes fewer rules of an entity than of a central text', () => {
    const many = (n: number) =>
      Array.from(
        { length: n },
        (_, i) =>
          `@id("r${i}") @reason("No.") forbid(principal, action, resource);`,
      ).join('\n');
    expect(problemsOf(many(100))).toEqual([]);
    expect(problemsOf(many(20), ofOther)).toEqual([]);
    expect(problemsOf(many(21), ofOther)).toMatchObject([
      { message: expect.stringContaining('an entity may have 20') },
    ]);
  });
});

describe('faults in a text', () => {
  it.each([
    [
      'forbid(principal, action, resource) when { 2 + };',
      /not expected here: }/,
      1,
      48,
    ],
    [
      '// é\n@id("a") @reason("r")\nforbid(principal, action, resource) when { foo(2) };',
      /nothing called foo/,
      3,
      44,
    ],
    ['permit(principal, action, resource);', /name/, 1, 1],
    [
      '@id("a") @reason("r") permit(principal, action, resource);',
      /only forbid/,
      1,
      1,
    ],
    ['@id("a") forbid(principal, action, resource);', /@reason/, 1, 1],
    [
      '@id("a") @reason("r") @mode("warn") forbid(principal, action, resource);',
      /@mode\("warn"\)/,
      1,
      1,
    ],
    [
      '@id("a") @reason("r") @because("r") forbid(principal, action, resource);',
      /no @because/,
      1,
      1,
    ],
    [
      '@id("a") @reason("r") forbid(principal == ?principal, action, resource);',
      /Templates/,
      1,
      43,
    ],
    [
      '@id("a") @reason("r") forbid(principal, action, resource == Tool::"crm.refund");',
      /full entity ref/,
      1,
      1,
    ],
    [
      '@id("a") @reason("r") forbid(principal, action, resource == Tool::"tool:default/gone");',
      /There is no tool:default\/gone/,
      1,
      1,
    ],
    [
      '@id("a") @reason("r") forbid(principal, action, resource) when { context.session.calls["tool:default/gone"].run > 1 };',
      /There is no tool:default\/gone/,
      1,
      1,
    ],
    [
      '@id("a") @reason("r") forbid(principal, action, resource) when { context == context };',
      /Name what/,
      1,
      1,
    ],
    [
      `@id("a") @reason("r") forbid(principal, action, resource) when { context.session.sums["${REFUND}"]["currency"].run == decimal("1.0") };`,
      /no number currency/,
      1,
      1,
    ],
    [
      `@id("a") @reason("r") forbid(principal, action, resource) when { context.session.calls["${REFUND}"].week > 1 };`,
      /no week/,
      1,
      1,
    ],
    ['(('.repeat(200), /nested deeper/, 1, 51],
    [
      `@id("a") @reason("r") forbid(principal, action, resource) when { ${'!'.repeat(
        5_000,
      )}true };`,
      /in a row/,
      1,
      66,
    ],
    ['/'.repeat(70_000), /longer than/, 1, 1],
    ['// a\n// \u0000', /NUL/, 2, 4],
  ])('names the place: %.60j', (text, message, line, column) => {
    expect(problemsOf(text)[0]).toMatchObject({
      message: expect.stringMatching(message),
      line,
      column,
    });
  });

  it.each([
    ['forbid(principal, action, resource)', /semicolon/, 36],
    ['forbid(principal, action, resource', /not closed/, 35],
    ['forbid(principal, action, resource) when { 1 = 1 };', /Write "=="/, 44],
    ["forbid(principal, action, resource) when { 'x' };", /double quotes/, 44],
    ['forbid(principal, action, resource) when { foo };', /called foo/, 44],
    ['deny(principal, action, resource);', /begins with forbid/, 1],
    ['forbid(principal, resource);', /in this order/, 19],
    ['forbid(principal, action, resource) if { true };', /when or unless/, 37],
    [
      'forbid(principal, action, resource) when { 4 > 3.5 };',
      /decimal\("3\.5"\)/,
      50,
    ],
    [
      'forbid(principal, action, resource) when { true and false };',
      /&& for and/,
      49,
    ],
  ])('says in a sentence what is wrong: %s', (text, message, column) => {
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ line: 1, column });
    expect(problem.message).toMatch(message);
    expect(problem.message).not.toMatch(/expected|invalid|token/);
  });

  it('points at the tool whose schema a rule does not fit', () => {
    const [problem] = problemsOf(`
@id("limit") @reason("r")
forbid(principal, action, resource == Tool::"${REFUND}")
when { context.args.amout.greaterThan(decimal("200.0")) };`);
    expect(problem).toEqual({
      message: expect.stringMatching(
        /in limit for tool:default\/crm.refund, attribute `args.amout`.*did you mean `amount`/,
      ),
      line: 4,
      column: 8,
      rule: 'limit',
      toolRef: REFUND,
    });
    expect(
      problemsOf(
        '@id("x") @reason("r") forbid(principal, action, resource) when { context.args.amount == decimal("1.0") };',
      ),
    ).toMatchObject([{ toolRef: VERIFY }]);
  });

  it('takes a long chain of conditions and refuses an endless one', () => {
    const chain = (n: number) =>
      `@id("a") @reason("r") forbid(principal, action, resource) when { ${Array.from(
        { length: n },
        (_, i) => `context.env.hour == ${i}`,
      ).join(' || ')} };`;
    expect(problemsOf(chain(150))).toEqual([]);
    expect(problemsOf(chain(2_000))).toMatchObject([
      { message: expect.stringMatching(/more than 3000 parts/) },
    ]);
  });

  it('holds a text once against all tools that are alike in what it reads', () => {
    const alike = Array.from({ length: 500 }, (_, i) =>
      tool(`tool:default/s.t${i}`, {
        amount: { type: 'number' },
        [`other${i}`]: { type: 'string' },
      }),
    );
    const text = Array.from(
      { length: 100 },
      (_, i) =>
        `@id("r${i}") @reason("No.") forbid(principal, action, resource) when { context.args has amount && context.args.amount.greaterThan(decimal("${i}.0")) };`,
    ).join('\n');
    jest.mocked(cedar.validate).mockClear();
    expect(
      checkRules({ text, name: 'portal/t', scope: { type: 'central' } }, alike)
        .problems,
    ).toEqual([]);
    expect(cedar.validate).toHaveBeenCalledTimes(1);
  });
});

it('never counts an amount below nothing, which would make room for more', () => {
  expect(unitsAt({ order: { total: -5 } }, 'order.total')).toBe(0);
  expect(unitsAt({ order: { total: 5 } }, 'order.total')).toBe(50_000);
});

it('does not judge texts on which its patterns would be held for long, and refuses them', () => {
  const like = `context.args.address like "*${'a'.repeat(250)}b"`;
  const engine = engineOf(
    Array.from(
      { length: 20 },
      (_, i) =>
        `@id("slow${i}") @reason("No.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.args has address && ${like} };`,
    ).join('\n'),
  );
  const say = (letters: number) =>
    engine.judge(call({ amount: 1, address: 'a'.repeat(letters) }));
  expect(say(1_000).allowed).toBe(true);
  expect(cedar.statefulIsAuthorized).toHaveBeenCalled();
  jest.mocked(cedar.statefulIsAuthorized).mockClear();
  const verdict = say(95_000);
  // Cedar would take twenty seconds, and cannot be stopped.
  expect(cedar.statefulIsAuthorized).not.toHaveBeenCalled();
  expect(verdict.allowed).toBe(false);
  expect(verdict.refusedBy[0].reason).toContain('too long');
});

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { RecordedCall } from '@agentportal/agent-rules';
import { passTime } from '@agentportal/plugin-agents-node/testUtils';
import {
  type NotificationSendOptions,
  notificationService,
} from '@backstage/plugin-notifications-node';
import request from 'supertest';
import { agent, person, startPortal } from './__testUtils__/portal';
import { toolsPlugin } from './__testUtils__/toolsPlugin';

jest.setTimeout(120_000);
const databases = TestDatabases.create({
  ids: ['SQLITE_3', 'POSTGRES_18'],
});

const REFUND = 'tool:default/crm.refund';
const VERIFY = 'tool:default/crm.verify_customer';
const tools = [
  {
    ref: REFUND,
    name: 'crm.refund',
    riskTier: 'write',
    ownerRef: 'group:default/care',
    serverRef: 'api:default/crm',
    inputSchema: {
      type: 'object',
      properties: { amount: { type: 'number' } },
      required: ['amount'],
    },
  },
  {
    ref: VERIFY,
    name: 'crm.verify_customer',
    riskTier: 'read',
    ownerRef: 'group:default/care',
    serverRef: 'api:default/crm',
    inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
  },
];

const limit = (amount: number, mode = 'enforce') =>
  `@id("limit") @reason("Refunds above ${amount} EUR are for people.") @ask("the team care") @mode("${mode}")
forbid(principal, action, resource == Tool::"${REFUND}")
when { context.args.amount.greaterThan(decimal("${amount}.0")) };`;

describe.each(databases.eachSupportedId())('rules on %s', databaseId => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let folder: string;
  let calls: unknown[] = [];
  const notices: NotificationSendOptions[] = [];
  const scheduler = mockServices.scheduler();
  const sync = () => scheduler.triggerTask('read-rules');
  const helper = agent('helper', {
    tools: [REFUND, VERIFY],
    dataClassification: 'confidential',
  });
  const entities: Entity[] = [
    helper,
    person('dana', 'care'),
    person('tom', 'temps'),
  ];
  const ada = mockCredentials.user.header('user:default/dana');
  const door = mockCredentials.service.header({
    onBehalfOf: mockCredentials.service('plugin:tools'),
    targetPluginId: 'agents',
  });
  const api = () => request(portal.url);
  const put = (text: string, name = 'refunds', more: object = {}) =>
    api()
      .put(`/rules/portal/${name}`)
      .set('authorization', ada)
      .send({ text, comment: 'For a test', ...more });
  const effective = async () =>
    (await api().get('/rules/effective').set('authorization', door)).body;
  const decide = async (item: object) => {
    const { status, body } = await api()
      .post('/decisions')
      .set('authorization', ada)
      .send({
        items: [
          {
            agentRef: 'agent:default/helper',
            personRef: 'user:default/dana',
            toolRef: REFUND,
            ...item,
          },
        ],
      });
    expect(status).toBe(200);
    return body.items[0];
  };

  const auditor = mockServices.auditor.mock();
  auditor.createEvent.mockImplementation(async () => ({
    success: async () => {},
    fail: async () => {},
  }));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rules-'));
    portal = await startPortal({
      knex: await databases.init(databaseId),
      entities,
      config: {
        rules: { folder, folderOwner: 'security', freeze: ['payments'] },
        clearance: { public: ['temps'] },
      },
      features: [
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => ({ send: async notice => void notices.push(notice) }),
        }),
        toolsPlugin(tools, () => calls),
        auditor.factory,
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
      ],
    });
  });
  afterAll(async () => {
    await portal.stop();
    await rm(folder, { recursive: true });
  });

  it('answers what would be decided, before and after a rule is written', async () => {
    expect(await decide({ args: { amount: 300 } })).toMatchObject({
      allowed: true,
      ruleIds: [],
    });
    const written = await put(limit(200));
    expect(written.body).toMatchObject({
      name: 'portal/refunds',
      mode: 'enforce',
      version: 1,
      changedBy: 'user:default/dana',
      rules: [{ id: 'portal/refunds#limit', toolRef: REFUND }],
      problems: [],
    });
    expect(await decide({ args: { amount: 300 } })).toEqual({
      allowed: false,
      reason: 'Refunds above 200 EUR are for people. Ask the team care.',
      ruleIds: ['portal/refunds#limit'],
      logOnly: [],
    });
    expect(await decide({ args: { amount: 200 } })).toMatchObject({
      allowed: true,
    });
    expect(await decide({})).toMatchObject({ allowed: true });
    expect(await decide({ personRef: 'user:default/tom' })).toMatchObject({
      allowed: false,
      reason: expect.stringContaining(
        'crm.refund gives internal data, and user:default/tom may see data up to public.',
      ),
      ruleIds: ['built-in#data'],
    });
    expect(await decide({ toolRef: 'tool:default/gone' })).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('There is no tool:default/gone'),
    });
  });

  it('refuses a text with mistakes, names the place, and leaves what is in force', async () => {
    const before = await effective();
    const { status, body } = await put(
      limit(100).replace('args.amount', 'args.amout'),
    );
    expect(status).toBe(400);
    expect(body.error.message).toMatch(
      /line 3, column \d+: in limit for tool:default\/crm.refund, attribute `args.amout`/,
    );
    expect(await effective()).toEqual(before);
    const check = await api()
      .post('/rules/check')
      .set('authorization', ada)
      .send({ text: 'permit(principal, action, resource);' });
    expect(check.body.problems).toMatchObject([{ line: 1, column: 1 }]);
  });

  it('keeps what a text was, and its mode wins when it is milder', async () => {
    await put(limit(150), 'history');
    const off = await put(limit(150), 'history', { mode: 'log' });
    expect(off.body).toMatchObject({ version: 2, mode: 'log' });
    const { rules } = await effective();
    expect(rules).toContainEqual(
      expect.objectContaining({ id: 'portal/history#limit', mode: 'log' }),
    );
    const first = await api()
      .get('/rules/portal/history/versions?limit=1')
      .set('authorization', ada);
    expect(first.body).toMatchObject({
      items: [{ version: 2, comment: 'For a test' }],
      nextCursor: expect.any(String),
    });
    const second = await api()
      .get('/rules/portal/history/versions')
      .query({ limit: 1, cursor: first.body.nextCursor })
      .set('authorization', ada);
    expect(second.body).toMatchObject({ items: [{ version: 1 }] });
    expect(second.body.nextCursor).toBeUndefined();
    await put(limit(150), 'history', { mode: 'off' });
    expect((await effective()).rules).not.toContainEqual(
      expect.objectContaining({ id: 'portal/history#limit' }),
    );
  });

  it('removes a text for a reason, keeps what it was, and goes on with its history', async () => {
    await put(limit(150), 'gone', { version: 0 });
    const remove = (query: object) =>
      api().delete('/rules/portal/gone').query(query).set('authorization', ada);
    expect((await remove({ version: 1 })).status).toBe(400);
    const comment = 'Said elsewhere';
    expect((await remove({ comment, version: 7 })).status).toBe(409);
    expect((await remove({ comment, version: 1 })).status).toBe(204);
    expect((await remove({ comment })).status).toBe(404);
    const gone = expect.objectContaining({ id: 'portal/gone#limit' });
    expect((await effective()).rules).not.toContainEqual(gone);
    await put(limit(150), 'gone', { version: 0 });
    expect((await effective()).rules).toContainEqual(gone);
    const { body } = await api()
      .get('/rules/portal/gone/versions')
      .set('authorization', ada);
    expect(body.items).toMatchObject([
      { version: 3, text: limit(150) },
      { version: 2, text: '', comment },
      { version: 1, text: limit(150) },
    ]);
    await remove({ comment });
  });

  it('takes one of two changes that are made at the same time', async () => {
    const answers = await Promise.all([
      put(limit(1), 'race', { version: 0, mode: 'off' }),
      put(limit(2), 'race', { version: 0, mode: 'off' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('reads a folder and entities, and keeps what was good when they break', async () => {
    await mkdir(path.join(folder, 'team'));
    const file = path.join(folder, 'team', 'limits.cedar');
    await writeFile(file, limit(50, 'log'));
    await writeFile(path.join(folder, 'secret.txt'), 'no rules');
    await symlink('/etc/passwd', path.join(folder, 'link.cedar'));
    const ofHelper = `@id("never") @reason("No.") forbid(principal, action, resource == Tool::"${VERIFY}");`;
    const annotated = (text: string): Entity => ({
      ...helper,
      metadata: {
        ...helper.metadata,
        annotations: { 'agentportal.dev/rules': text },
      },
      relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
    });
    portal.setEntities([annotated(ofHelper), entities[1]]);
    await sync();
    const names = async () =>
      (await effective()).rules.map((rule: { id: string }) => rule.id).sort();
    expect(await names()).toEqual(
      expect.arrayContaining([
        'agent:default/helper#never',
        'git/team/limits#limit',
      ]),
    );
    expect(await decide({ toolRef: VERIFY, args: {} })).toMatchObject({
      allowed: false,
      ruleIds: ['agent:default/helper#never'],
    });

    await writeFile(file, 'forbid(');
    portal.setEntities([annotated('forbid('), entities[1]]);
    await sync();
    await sync();
    expect(await names()).toEqual(
      expect.arrayContaining([
        'agent:default/helper#never',
        'git/team/limits#limit',
      ]),
    );
    // Once, however often it is read.
    expect(
      notices.map(({ recipients, payload }) => [
        recipients,
        payload.title,
        payload.description,
        payload.link,
      ]),
    ).toEqual([
      [
        { type: 'entity', entityRef: 'group:default/security' },
        'The rules git/team/limits have mistakes and are not in force',
        expect.stringMatching(
          /^Those before .* in force. Line 1, column \d+: /,
        ),
        undefined,
      ],
      [
        { type: 'entity', entityRef: 'group:default/care' },
        'The rules agent:default/helper have mistakes and are not in force',
        expect.stringContaining('Line 1, column'),
        '/catalog/default/agent/helper',
      ],
    ]);
    const list = await api().get('/rules').set('authorization', ada);
    expect(list.body.items).toContainEqual(
      expect.objectContaining({
        name: 'git/team/limits',
        source: 'git',
        text: 'forbid(',
        problems: [expect.objectContaining({ line: 1 })],
        rules: [expect.objectContaining({ id: 'git/team/limits#limit' })],
      }),
    );

    portal.setCatalogIsAway(true);
    await sync();
    portal.setCatalogIsAway(false);
    expect(await names()).toContain('agent:default/helper#never');

    portal.setEntities(entities);
    await rm(file);
    await sync();
    expect(await names()).not.toContain('git/team/limits#limit');
    expect(await names()).not.toContain('agent:default/helper#never');
    // That they forbid nothing any more is a change like others.
    for (const name of ['git/team/limits', 'agent:default/helper']) {
      expect(auditor.createEvent).toHaveBeenCalledWith({
        eventId: 'rules-change',
        severityLevel: 'high',
        meta: expect.objectContaining({ name, removed: true }),
      });
    }
  });

  it('puts no file out of force because there are too many others', async () => {
    const files = Array.from({ length: 500 }, (_, i) =>
      path.join(folder, `many-${i}.cedar`),
    );
    await Promise.all(files.map(file => writeFile(file, '// nothing')));
    const last = path.join(folder, 'many-last.cedar');
    files.push(last);
    await rm(files.shift()!);
    await writeFile(last, limit(50, 'log'));
    await sync();
    const first = path.join(folder, 'a.cedar');
    await writeFile(first, limit(40, 'log'));
    notices.length = 0;
    await sync();
    await sync();
    const ids = (await effective()).rules.map(({ id }: { id: string }) => id);
    expect(ids).toContain('git/many-last#limit');
    expect(ids).not.toContain('git/a#limit');
    expect(notices.map(({ payload }) => payload.title)).toEqual([
      'A file of rules is not in force',
    ]);
    await Promise.all([first, ...files].map(file => rm(file)));
    await sync();
  });

  it('takes over what is good, whatever else is there', async () => {
    const never =
      '@id("never") @reason("No.") forbid(principal, action, resource);';
    const ruled = (name: string, text: string, of: Partial<Entity> = {}) => ({
      ...agent(name),
      ...of,
      metadata: {
        name,
        namespace: 'default',
        annotations: {
          'agentportal.dev/rules': text,
          'backstage.io/managed-by-origin-location': `url:https://git/${text.length}`,
        },
      },
    });
    const server = (name: string, type: string) =>
      ruled(name, never, { kind: 'API', spec: { type } });
    const names = async () =>
      (await effective()).rules
        .map((rule: { id: string }) => rule.id)
        .filter((id: string) => id.endsWith('#never'));
    portal.setEntities([...entities, ruled('gone', never), ruled('zz', never)]);
    await sync();
    expect(await names()).toEqual([
      'agent:default/gone#never',
      'agent:default/zz#never',
    ]);

    const others = Array.from({ length: 2_000 }, (_, i) =>
      ruled(`f${i}`, '// nothing'),
    );
    portal.setEntities([
      ...entities,
      ruled('aa', `// \u0000\n${never}`),
      ...others,
      ruled('mm', never),
      ruled('zz', never),
      server('files', 'openapi'),
      server('crm', 'mcp-server'),
    ]);
    await sync();
    expect(await names()).toEqual([
      'agent:default/mm#never',
      'agent:default/zz#never',
      'api:default/crm#never',
    ]);
    const rows = await portal
      .knex('agent_rule_texts')
      .select('name', 'problems');
    expect(
      rows.find(({ name }) => name === 'agent:default/aa').problems,
    ).toContain('NUL');
    expect(rows.filter(({ name }) => name.includes('/f'))).toHaveLength(100);
    portal.setEntities(entities);
    await sync();
  });

  it('tries a text with mistakes again when the tools are others', async () => {
    const later = { ...tools[0], ref: 'tool:default/crm.later' };
    portal.setEntities([
      {
        ...helper,
        metadata: {
          ...helper.metadata,
          annotations: {
            'agentportal.dev/rules': `@id("later") @reason("No.") forbid(principal, action, resource == Tool::"${later.ref}");`,
          },
        },
      },
    ]);
    const isInForce = async () =>
      (await effective()).rules.some(
        ({ id }: { id: string }) => id === 'agent:default/helper#later',
      );
    await sync();
    await sync();
    expect(await isInForce()).toBe(false);
    tools.push(later);
    // What is remembered of tools is five seconds old at most.
    passTime(5_100);
    await sync();
    tools.pop();
    expect(await isInForce()).toBe(true);
    portal.setEntities(entities);
    await sync();
  });

  it('counts what went before when it is asked what would be', async () => {
    await put(
      `@id("twice") @reason("Two in all.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.calls["${REFUND}"].session > 2 };
@id("verified") @reason("Verify first.") forbid(principal, action, resource == Tool::"${REFUND}") unless { context.session.succeeded["${VERIFY}"].session > 0 };
@id("sum") @reason("100 in all.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.sums["${REFUND}"]["amount"].session.greaterThan(decimal("100.0")) };
@id("freeze") @reason("Frozen.") @mode("log") forbid(principal, action, resource == Tool::"${REFUND}") when { context.env.freeze.contains("payments") };`,
      'session',
    );
    const args = { amount: 10 };
    const session = { calls: { [VERIFY]: 1, [REFUND]: 1 } };
    expect(await decide({ args })).toMatchObject({
      allowed: false,
      ruleIds: ['portal/session#verified'],
      logOnly: [{ ruleId: 'portal/session#freeze' }],
    });
    expect(await decide({ args, session })).toMatchObject({ allowed: true });
    expect(
      await decide({
        args,
        session: {
          calls: { [VERIFY]: 1, [REFUND]: 2 },
          sums: { [REFUND]: { amount: 90.0001 } },
        },
      }),
    ).toMatchObject({
      ruleIds: ['portal/session#twice', 'portal/session#sum'],
    });
    await put('', 'session');
  });

  it('tries a text on recorded calls', async () => {
    const at = (minute: number) =>
      new Date(Date.UTC(2026, 9, 1, 10, minute)).toISOString();
    const call = (minute: number, args: RecordedCall['args']) => ({
      id: `call-${minute}`,
      startedAt: at(minute),
      agentRef: 'agent:default/helper',
      personRef: 'user:default/dana',
      runId: 'run-1',
      toolRef: REFUND,
      arguments: args,
      reached: true,
      ok: true,
    });
    // The newest first, as the tools plugin has them.
    calls = [4, 3, 2, 1].map(i => call(i, { amount: i * 100 }));
    calls.push(call(0, undefined));
    const simulate = (text: string, more: object = {}) =>
      api()
        .post('/rules/simulate')
        .set('authorization', ada)
        .send({ text, from: at(0), to: at(59), ...more });
    const { body } = await simulate(limit(200), { limit: 1 });
    expect(body).toMatchObject({
      summary:
        'Would have refused 2 of 4 calls. Of 1 more the arguments are not known.',
      calls: 5,
      judged: 4,
      wouldRefuse: 2,
      truncated: false,
      items: [{ callId: 'call-4', ruleIds: ['trial#limit'] }],
      nextOffset: 1,
    });
    // What would have been refused is not there to be counted.
    const twice = await simulate(
      `@id("two") @reason("Two.") forbid(principal, action, resource == Tool::"${REFUND}") when { context.session.calls["${REFUND}"].run > 3 || context.args.amount == decimal("200.0") };`,
    );
    expect(
      twice.body.items.map((item: { callId: string }) => item.callId),
    ).toEqual(['call-4', 'call-2']);
    // What rules ask about agents and people is known as well.
    const known = await simulate(
      `@id("who") @reason("Who.") forbid(principal, action, resource == Tool::"${REFUND}") unless { context has person && context.person.groups.contains("group:default/care") && principal has classification && principal.classification == "confidential" };`,
    );
    expect(known.body).toMatchObject({ judged: 4, wouldRefuse: 0 });
    const wrong = await simulate('forbid(');
    expect(wrong.body).toMatchObject({
      wouldRefuse: 0,
      problems: [{ line: 1 }],
    });
    calls = [];
  });

  it('writes down what rules matched, and reports it by rule', async () => {
    const hits = (count: number, mode: string) => ({
      ruleId: 'portal/refunds#limit',
      mode,
      count,
      examples: Array.from({ length: Math.min(count, 20) }, () => ({
        at: new Date().toISOString(),
        agentRef: 'agent:default/helper',
        toolRef: REFUND,
        runId: 'run-1',
      })),
    });
    for (const each of [hits(30, 'log'), hits(2, 'enforce'), hits(3, 'log')]) {
      const { status } = await api()
        .post('/rules/hits')
        .set('authorization', door)
        .send({ hits: [each] });
      expect(status).toBe(204);
    }
    const { body } = await api().get('/rules/report').set('authorization', ada);
    expect(body.items).toMatchObject([
      {
        ruleId: 'portal/refunds#limit',
        refused: 2,
        wouldHaveRefused: 33,
      },
    ]);
    expect(body.items[0].examples).toHaveLength(20);
  });

  it('is closed to agents, to people without the permission, and the doors to people', async () => {
    const asAgent = mockCredentials.user.header('agent:default/helper');
    for (const [method, url, body] of [
      ['get', '/rules', undefined],
      ['put', '/rules/portal/x', { text: '', comment: 'why' }],
      [
        'post',
        '/rules/simulate',
        {
          text: '',
          from: new Date(0).toISOString(),
          to: new Date().toISOString(),
        },
      ],
      ['get', '/rules/report', undefined],
      [
        'post',
        '/decisions',
        { items: [{ agentRef: 'agent:default/helper', toolRef: REFUND }] },
      ],
    ] as const) {
      const { status } = await api()
        [method](url)
        .set('authorization', asAgent)
        .send(body);
      expect([url, status]).toEqual([url, 403]);
    }
    for (const url of ['/rules/effective', '/rules/hits']) {
      const { status } = await (url === '/rules/hits'
        ? api().post(url).send({ hits: [] })
        : api().get(url)
      ).set('authorization', ada);
      expect(status).toBe(403);
    }
  });
});

it('asks the permission framework about rules', async () => {
  const denied: { result: typeof AuthorizeResult.DENY } = {
    result: AuthorizeResult.DENY,
  };
  const auditor = mockServices.auditor.mock();
  const fail = jest.fn();
  auditor.createEvent.mockResolvedValue({ success: jest.fn(), fail });
  const portal = await startPortal({
    knex: await databases.init('SQLITE_3'),
    entities: [agent('helper')],
    features: [
      toolsPlugin(tools),
      auditor.factory,
      mockServices.permissions.mock({
        authorize: async requests => requests.map(() => denied),
        authorizeConditional: async requests => requests.map(() => denied),
      }).factory,
    ],
  });
  const ada = mockCredentials.user.header('user:default/dana');
  const answers = await Promise.all([
    request(portal.url).get('/rules').set('authorization', ada),
    request(portal.url)
      .put('/rules/portal/x')
      .set('authorization', ada)
      .send({ text: '', comment: 'why' }),
    request(portal.url)
      .post('/decisions')
      .set('authorization', ada)
      .send({ items: [{ agentRef: 'agent:default/helper', toolRef: REFUND }] }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(answers[1].body.error.message).toContain('agents.rule.manage');
  // Who tried is told too, also to see what agents were called with.
  const from = new Date(0).toISOString();
  const period = { from, to: new Date().toISOString() };
  const trial = await request(portal.url)
    .post('/rules/simulate')
    .set('authorization', ada)
    .send({ text: '', ...period });
  expect(trial.status).toBe(403);
  expect(
    auditor.createEvent.mock.calls.map(([{ eventId, meta }]) => [
      eventId,
      meta,
    ]),
  ).toEqual([
    [
      'rules-change',
      {
        name: 'portal/x',
        mode: undefined,
        comment: 'why',
        by: 'user:default/dana',
      },
    ],
    ['rule-trial', { ...period, by: 'user:default/dana' }],
  ]);
  expect(fail).toHaveBeenCalledTimes(2);
  await portal.stop();
});

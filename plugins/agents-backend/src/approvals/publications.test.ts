import {
  type AgentEntity,
  AgentIdentityClient,
  AgentsClient,
  ApprovalRequestsClient,
  ApprovalsClient,
  type ApprovalTicket,
  DECIDING_ANNOTATIONS,
} from '@agentportal/plugin-agents-common';
import {
  auditLogServiceRef,
  CatalogTrust,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
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
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { agent, later, person, startPortal } from '../__testUtils__/portal';
import { toolsPlugin } from '../__testUtils__/toolsPlugin';
import { GrantStore } from '../grants/GrantStore';
import { AgentRecords } from '../identities/AgentRecords';
import { StateStore } from '../identities/StateStore';
import { readRuleAnnotations } from '../rules/RuleSources';
import type { DecidingAnnotations } from './definition';
import { PublicationStore } from './PublicationStore';
import { PublishedDefinitions } from './PublishedDefinitions';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const ADA = 'user:default/ada';
const BEN = 'user:default/ben';
const LEA = 'user:default/lea';
const OMAR = 'user:default/omar';
const SIA = 'user:default/sia';
const GROUPS: Record<string, string[]> = {
  care: ['ada', 'lea'],
  security: ['sia', 'ada'],
  ops: ['omar'],
};

const group = (name: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, namespace: 'default' },
  spec: { type: 'team', children: [] },
  relations: GROUPS[name].map(member => ({
    type: 'hasMember',
    targetRef: `user:default/${member}`,
  })),
});
/** A tool, as the portal's own picture of it unless somebody else says it. */
const tool = (
  name: string,
  riskTier: string,
  origin = 'agentportal:tools',
): Entity => ({
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Tool',
  metadata: {
    name,
    namespace: 'default',
    annotations: { 'backstage.io/managed-by-origin-location': origin },
  },
  spec: { riskTier, owner: 'group:default/care', providedBy: 'api:x' },
});
const OTHERS = [
  ...['ada', 'ben', 'lea', 'sia', 'omar'].map(name =>
    person(
      name,
      ...Object.keys(GROUPS).filter(each => GROUPS[each].includes(name)),
    ),
  ),
  ...Object.keys(GROUPS).map(group),
  tool('orders.find', 'read'),
  tool('orders.write', 'write'),
  tool('finance.refund', 'critical'),
];

/** An agent, as its file says. */
const file = (
  name: string,
  spec: Partial<AgentEntity['spec']> = {},
  origin = 'url:one',
) => {
  const made = agent(name, {
    tools: ['orders.find'],
    instructions: 'Find orders.\nBe kind.',
    dataClassification: 'internal',
    ...spec,
  });
  made.metadata.annotations = {
    'backstage.io/managed-by-origin-location': origin,
  };
  return made;
};
/** One about which all that changes is asked. */
const guarded = (
  name: string,
  spec: Partial<AgentEntity['spec']> = {},
  origin?: string,
) => file(name, { dataClassification: 'confidential', ...spec }, origin);

const LOCAL = 'file:/srv/agents/clock/catalog-info.yaml';
/** The operator says of this one that it may be believed. */
const VOUCHED = 'file:/srv/agents/vouched/catalog-info.yaml';
/** One that works by itself. */
const clock = (name: string, origin: string) =>
  file(
    name,
    {
      identity: 'own',
      triggers: [
        { name: 'daily', type: 'schedule', cron: '0 6 * * *', message: 'Go.' },
      ] as never,
    },
    origin,
  );

/** One that is told nothing but its description. */
const bare = (description: string) => {
  const made = guarded('bare', { instructions: undefined });
  return { ...made, metadata: { ...made.metadata, description } };
};

/** An agent with what bounds it beside its spec. */
const bounded = (
  made: AgentEntity,
  bounds: DecidingAnnotations,
): AgentEntity => ({
  ...made,
  metadata: {
    ...made.metadata,
    annotations: {
      ...made.metadata.annotations,
      ...Object.fromEntries(
        Object.entries(bounds).map(([name, text]) => [
          DECIDING_ANNOTATIONS[name as keyof DecidingAnnotations],
          text,
        ]),
      ),
    },
  },
});
const REFUND = 'tool:default/finance.refund';
const limit = (amount: number) =>
  `@id("limit") @reason("No refunds above ${amount}.")
forbid(principal, action, resource == Tool::"${REFUND}")
when { context.args.amount.greaterThan(decimal("${amount}.0")) };`;

const MATRIX = [
  {
    when: { kind: 'publication', riskTier: ['external', 'critical'] },
    approvers: 'group:default/security',
    expiresAfterMinutes: 60,
  },
  {
    when: { kind: 'publication', dataClassification: 'confidential' },
    approvers: 'agent-owner',
  },
  { approvers: 'agent-owner' },
];

/** In production when people begin to be asked. */
const MET =
  'desk rich sold bare kept twice moved lent away any ruled bound early'.split(
    ' ',
  );

describe.each(databases.eachSupportedId())('publications on %s', databaseId => {
  const entries: AuditRecord[] = [];
  let knex: Knex;
  let portal: Portal;
  let replica: Portal;
  let met: string[];
  /** Of one that begins by itself, what held of it meanwhile. */
  let metAlone: object | undefined;
  const schedulers: Array<ReturnType<typeof mockServices.scheduler>> = [];
  const start = (matrix: JsonObject[]) =>
    startPortal({
      knex,
      entities: [],
      config: {
        approvals: { matrix, escalateTo: ['ops'] },
        localRepositories: { path: '/srv/agents' },
        trustedLocations: [VOUCHED],
      },
      features: [
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({
            record: async entry => void entries.push(entry),
            note: async entry => void entries.push(entry),
          }),
        }),
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => {
            schedulers.push(mockServices.scheduler());
            return schedulers[schedulers.length - 1];
          },
        }),
        toolsPlugin([
          {
            ref: REFUND,
            name: 'finance.refund',
            riskTier: 'critical',
            ownerRef: 'group:default/care',
            serverRef: 'api:default/x',
            inputSchema: {
              type: 'object',
              properties: { amount: { type: 'number' } },
              required: ['amount'],
            },
          },
        ]),
      ],
    });
  type Portal = Awaited<ReturnType<typeof startPortal>>;

  const say = (...agents: Entity[]) =>
    [portal, replica].forEach(each =>
      each?.setEntities([...agents, ...OTHERS]),
    );
  const by = (ref: string) => ({ token: mockCredentials.user.token(ref) });
  const connection = (of: Portal) => ({
    discoveryApi: { getBaseUrl: async () => of.url },
    fetchApi: { fetch },
  });
  const agents = (of = portal) => new AgentsClient(connection(of));
  const publication = (name: string, of = portal) =>
    agents(of).getPublication('default', name, by(BEN));
  const inbox = () => new ApprovalsClient(connection(portal));
  const decide = async (
    id: string,
    ref: string,
    decision: 'approve' | 'reject' = 'approve',
  ) => {
    const { digest } = await inbox().getApproval(id, by(ref));
    return inbox().decide(
      id,
      {
        decision,
        digest,
        ...(decision === 'reject' && { reason: 'No, not now.' }),
      },
      by(ref),
    );
  };
  const statusOf = async (id: string) =>
    (await inbox().getApproval(id, by(LEA))).status;
  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => {
        throw new Error('It was allowed.');
      },
      error => `${error.statusCode} ${error.cause.message}`,
    );
  /** What a run would be given to work with. */
  const begin = (
    name: string,
    options: {
      of?: Portal;
      /** Nobody, where the agent begins by itself. */
      person?: string | null;
    } = {},
  ) =>
    new AgentIdentityClient(connection(options.of ?? portal)).createDelegation(
      {
        agentRef: `agent:default/${name}`,
        ...(options.person !== null && { personRef: options.person ?? BEN }),
        startedBy: BEN,
        taskId: randomUUID(),
        expiresAt: later(),
      },
      {
        token: mockCredentials.service.token({
          onBehalfOf: mockCredentials.service('plugin:orchestration'),
          targetPluginId: 'agents',
        }),
      },
    );

  const plugin = (subject: string) => ({
    token: mockCredentials.service.token({
      onBehalfOf: mockCredentials.service(subject),
      targetPluginId: 'agents',
    }),
  });
  /** The rules about an agent that doors get, by their reasons. */
  const rulesOf = async (name: string, of = portal) => {
    // One process takes them over, and all see it.
    await schedulers[0].triggerTask('read-rules');
    const { body } = await supertest(of.url)
      .get('/rules/effective')
      .set('authorization', `Bearer ${plugin('plugin:tools').token}`);
    return body.rules
      .filter(
        ({ agentRef }: { agentRef?: string }) =>
          agentRef === `agent:default/${name}`,
      )
      .map(({ reason }: { reason: string }) => reason);
  };
  const budgets = async (of = portal) =>
    Object.fromEntries(
      await new AgentIdentityClient(connection(of)).approvedBudgets(
        plugin('plugin:models'),
      ),
    );

  beforeAll(async () => {
    knex = await databases.init(databaseId);
    replica = await start(MATRIX);
    // What it meets when it begins to ask is taken as it is.
    say(
      file('desk'),
      file('rich', { tools: ['orders.find', 'finance.refund'] }),
      file('sold'),
      bare('Finds orders.'),
      ...MET.slice(4, -2).map(name => guarded(name)),
      bounded(file('bound', { tools: ['finance.refund'] }), {
        rules: limit(200),
      }),
      clock('early', LOCAL),
    );
    for (const name of MET) {
      await publication(name, replica);
    }
    met = await knex('agent_publications').pluck('agent_ref');
    metAlone = (await begin('early', { of: replica, person: null })).definition;
    await knex('agent_publication_watch').update({
      begun_at: Date.now() - 3_600_000,
    });
    portal = await start(MATRIX);
  });
  afterAll(async () => {
    await replica.stop();
    await portal.stop();
  });
  beforeEach(() => {
    entries.length = 0;
  });

  it('what is in production when people begin to be asked is taken as it is', () => {
    expect(met.sort()).toEqual(MET.map(name => `agent:default/${name}`).sort());
  });

  it('a change that gains a tool is asked, and the agent works as before until it is approved', async () => {
    say(
      file('desk', {
        tools: ['orders.find', 'finance.refund'],
        instructions: 'Find orders.\nRefund all.',
      }),
    );
    // Before anybody has looked.
    const before = await begin('desk');
    expect(before.agent.tools).toEqual(['tool:default/orders.find']);
    expect(before.definition).toMatchObject({
      tools: ['tool:default/orders.find'],
      instructions: 'Find orders.\nBe kind.',
      owner: 'group:default/care',
    });

    const { holds, request } = await publication('desk');
    expect({ holds, request }).toMatchObject({
      holds: 'part',
      request: {
        kind: 'publication',
        status: 'pending',
        askedOf: ['group:default/security'],
        title: 'The desk would change: tools, instructions.',
      },
    });
    expect((await publication('desk', replica)).request?.id).toBe(request!.id);
    expect((await begin('desk', { of: replica })).agent.tools).toHaveLength(1);

    const shown = await inbox().getApproval(request!.id, by(SIA));
    expect(shown.riskTier).toBe('critical');
    expect(shown.changes).toEqual([
      {
        field: 'tools',
        added: [{ text: 'tool:default/finance.refund', riskTier: 'critical' }],
        removed: [],
      },
      {
        field: 'instructions',
        before: 'Find orders.\nBe kind.',
        after: 'Find orders.\nRefund all.',
      },
    ]);
    // Its sponsor is in that group, and answers for it.
    expect(await refused(decide(request!.id, ADA))).toContain('403');
    await decide(request!.id, SIA);
    expect(await publication('desk', replica)).toMatchObject({
      holds: 'all',
      approvalId: request!.id,
    });
    const after = await begin('desk', { of: replica });
    expect(after.agent.tools).toHaveLength(2);
    expect(after.definition).toMatchObject({
      instructions: 'Find orders.\nRefund all.',
    });
    expect(
      entries.map(({ action, argsDigest }) => `${action} ${argsDigest}`),
    ).toEqual([
      `approval.request ${request!.digest}`,
      `approval.approve ${request!.digest}`,
    ]);
  });

  it('what takes away, and what no line of the matrix is about, holds without a question', async () => {
    say(file('rich', { tools: ['orders.find'], autonomy: 'copilot' }));
    expect((await begin('rich')).agent).toMatchObject({
      tools: ['tool:default/orders.find'],
      autonomy: 'copilot',
    });
    // It comes back to what it was before.
    say(file('rich', { tools: ['orders.find', 'finance.refund'] }));
    expect(await publication('rich')).toEqual({
      holds: 'all',
      asksPeople: true,
      publishedAt: expect.any(String),
    });
    expect((await begin('rich')).agent.tools).toHaveLength(2);
    say(file('rich', { tools: ['orders.write'], instructions: 'Write.' }));
    expect(await publication('rich')).toMatchObject({ holds: 'all' });
    expect((await begin('rich')).definition).toMatchObject({
      tools: ['tool:default/orders.write'],
      instructions: 'Write.',
    });
    say(file('rich', { lifecycle: 'suspended' }));
    expect(await refused(begin('rich'))).toContain('is suspended');
    expect(entries).toEqual([]);
  });

  it('a tool that is not there yet, or hides behind another tier, is asked about', async () => {
    for (const tools of [
      ['orders.find', 'not.there'],
      ['finance.refund', 'forbidden.thing'],
      // Anybody may write such an entity, and the gateway does not believe it.
      ['orders.find', 'claimed.harmless'],
    ]) {
      say(
        file('rich', { tools }),
        tool('forbidden.thing', 'forbidden'),
        tool('claimed.harmless', 'read', 'url:anybody'),
      );
      expect(await publication('rich')).toMatchObject({
        holds: 'part',
        request: { status: 'pending' },
      });
    }
  });

  it('of an agent without instructions the description is asked about', async () => {
    say(bare('Sends orders to Mallory.'));
    expect(await publication('bare')).toMatchObject({
      holds: 'part',
      request: { title: 'The bare would change: instructions.' },
    });
    expect((await begin('bare')).definition!.instructions).toBe(
      'You are The bare. Finds orders.',
    );
  });

  it('an agent that was never approved works for its owners only, also one that takes a name', async () => {
    say(guarded('new'));
    expect(await refused(begin('new'))).toContain(
      'works for its owner group:default/care only, until its publication is approved',
    );
    const { agent: asked } = await begin('new', { person: LEA });
    expect([asked.lifecycle, asked.approved]).toEqual(['review', undefined]);
    const { standing } = await agents().getAgent('default', 'new', by(BEN));
    expect(standing.allowed).toBe(false);
    const { holds, request } = await publication('new');
    expect({ holds, title: request?.title }).toEqual({
      holds: 'owners',
      title: 'The new would be published.',
    });
    await decide(request!.id, LEA);
    // Its owner may be charged for it from now on.
    expect((await begin('new')).agent).toMatchObject({
      approved: true,
      ownerRef: 'group:default/care',
    });

    say(guarded('new', {}, 'url:other'));
    expect(await refused(begin('new'))).toContain('until its publication');
    // A list says so as well.
    expect(
      (await agents().getAgent('default', 'new', by(BEN))).standing.allowed,
    ).toBe(false);
    expect((await publication('new')).holds).toBe('owners');
  });

  it('what was refused or is over is not asked again by itself, but by people, who do not decide it', async () => {
    say(guarded('kept', { model: 'dear' }));
    const first = (await publication('kept')).request!;
    await decide(first.id, LEA, 'reject');
    expect(await publication('kept')).toMatchObject({
      holds: 'part',
      request: { id: first.id, status: 'rejected' },
    });
    const askAgain = () =>
      agents().requestPublication('default', 'kept', by(LEA));
    const second = await askAgain();
    expect(second.id).not.toBe(first.id);
    expect(await askAgain()).toMatchObject({ id: second.id });
    // Both who own it must not decide, so others are asked.
    expect(second.askedOf).toEqual(['group:default/care', 'group:default/ops']);
    expect(await refused(decide(second.id, LEA))).toContain('403');
    await knex('agent_approvals')
      .where({ id: second.id })
      .update({ expires_at: Date.now() - 1 });
    expect(await refused(decide(second.id, OMAR))).toContain('409');
    expect((await publication('kept')).request).toMatchObject({
      id: second.id,
      status: 'expired',
    });
    expect((await begin('kept')).definition).not.toHaveProperty('model');
  });

  it('a newer change takes the place of one that waits, and what the file says no more is not approved', async () => {
    say(guarded('twice', { model: 'dear' }));
    const first = (await publication('twice')).request!;
    say(guarded('twice', { model: 'dearer' }));
    expect(await refused(decide(first.id, LEA))).toContain(
      '409 The file of the agent has changed since this was asked',
    );
    const second = (await publication('twice')).request!;
    expect(await statusOf(first.id)).toBe('withdrawn');
    say(guarded('twice'));
    await publication('twice');
    expect(await statusOf(second.id)).toBe('withdrawn');
  });

  it('who owns an agent by a new file does not decide about it', async () => {
    say(guarded('moved', { owner: 'group:default/security', model: 'dear' }));
    expect((await publication('moved')).request?.askedOf).toEqual([
      'group:default/care',
    ]);
    // Also where no line of the matrix is about the change.
    const sold = { owner: 'group:default/security', instructions: 'Sell.' };
    say(file('sold', sold));
    const { holds, request: asked } = await publication('sold');
    expect({ holds, asked }).toMatchObject({
      holds: 'part',
      asked: {
        askedOf: ['group:default/care'],
        title: 'The sold would change: owner, instructions.',
      },
    });
    // Nor about its calls.
    const judges = async (of = portal) => {
      const { askedOf } = await new ApprovalRequestsClient(
        connection(of),
      ).requestToolCall(
        {
          requestKey: randomUUID(),
          binding: {
            agentRef: 'agent:default/sold',
            personRef: BEN,
            toolRef: REFUND,
            schemaDigest: 'h1',
            args: { amount: 3 },
            rulesVersion: '1',
          },
          tool: { name: 'finance.refund', riskTier: 'critical' },
          reason: 'It is critical.',
          runId: randomUUID(),
        },
        plugin('plugin:tools'),
      );
      return askedOf;
    };
    expect(await judges()).toEqual(['group:default/care']);
    await decide(asked!.id, LEA);
    expect(await judges(replica)).toEqual(['group:default/security']);
  });

  it('who answers for an agent by a new file neither does so yet nor decides about it, nor does who did', async () => {
    const spec = { sponsor: 'user:default/sia', tools: ['finance.refund'] };
    say(guarded('lent', spec));
    const { holds, request: asked } = await publication('lent');
    expect({ holds, asked }).toMatchObject({
      holds: 'part',
      asked: { title: 'The lent would change: sponsor, tools.' },
    });
    expect(await refused(decide(asked!.id, ADA))).toContain('403');
    expect(await refused(decide(asked!.id, SIA))).toContain('403');
    expect((await begin('lent')).agent.sponsorRef).toBe('user:default/ada');
    // Back to whoever was approved, it asks for the tool alone.
    say(guarded('lent', { tools: ['orders.find', 'finance.refund'] }));
    const { request: again } = await publication('lent');
    await decide(again!.id, SIA);
    say(guarded('lent', { ...spec, tools: [] }));
    const { request: last } = await publication('lent');
    expect(last!.title).toBe('The lent would change: sponsor, tools.');
  });

  it('limits that were not there before hold at once, and go when the file has them no more', async () => {
    say(guarded('twice', { quotas: { maxToolCalls: 3 } }));
    expect((await publication('twice')).holds).toBe('all');
    expect((await begin('twice')).definition!.quotas).toEqual({
      maxToolCalls: 3,
    });
    say(guarded('twice', { quotas: { maxToolCalls: 3 }, model: 'dear' }));
    expect((await begin('twice')).definition!.quotas).toEqual({
      maxToolCalls: 3,
    });
    say(guarded('twice'));
    expect((await publication('twice')).holds).toBe('all');
  });

  it('rules and a budget that were approved hold until others are, whatever becomes of the file', async () => {
    const spec = { tools: ['finance.refund'], model: 'dear' };
    const ruled = (bounds: DecidingAnnotations, more = {}) =>
      bounded(guarded('ruled', { ...spec, ...more }), bounds);
    // The first ones hold at once, and are part of what is approved next.
    say(bounded(guarded('ruled'), { rules: limit(200) }));
    expect((await publication('ruled')).holds).toBe('all');
    expect(await rulesOf('ruled')).toEqual(['No refunds above 200.']);
    expect(await budgets()).toEqual({});
    const bounds = { rules: limit(200), monthlyBudgetUsd: '100' };
    say(ruled(bounds));
    await decide((await publication('ruled')).request!.id, SIA);
    expect(await budgets(replica)).toEqual({ 'agent:default/ruled': '100' });

    for (const said of [
      ruled({}),
      ruled({}, { lifecycle: 'review' }),
      { ...ruled({}), metadata: { ...file('ruled', {}, 'url:two').metadata } },
    ]) {
      say(said);
      expect(await rulesOf('ruled', replica)).toEqual([
        'No refunds above 200.',
      ]);
    }
    say();
    expect(await rulesOf('ruled')).toEqual(['No refunds above 200.']);

    say(ruled({ monthlyBudgetUsd: '250' }));
    const { holds, request: asked } = await publication('ruled', replica);
    expect({ holds, title: asked?.title }).toEqual({
      holds: 'part',
      title: 'The ruled would change: monthly budget, rules.',
    });
    expect((await inbox().getApproval(asked!.id, by(SIA))).changes).toEqual([
      {
        field: 'monthly budget',
        before: '100 US dollars',
        after: '250 US dollars',
      },
      { field: 'rules', before: limit(200) },
    ]);
    expect(await budgets()).toEqual({ 'agent:default/ruled': '100' });

    // Less than was approved needs no question.
    say(ruled({ ...bounds, monthlyBudgetUsd: '50.00' }));
    expect((await publication('ruled')).holds).toBe('all');
    expect(await statusOf(asked!.id)).toBe('withdrawn');

    // Other rules hold beside those that were approved, and then instead.
    say(ruled({ ...bounds, rules: limit(300) }));
    const other = (await publication('ruled')).request!;
    expect((await rulesOf('ruled')).sort()).toEqual([
      'No refunds above 200.',
      'No refunds above 300.',
    ]);
    await decide(other.id, SIA);
    expect(await rulesOf('ruled', replica)).toEqual(['No refunds above 300.']);

    // What is wrong in the file puts nothing out of force.
    say(ruled({ ...bounds, rules: `${limit(300)} forbid(` }));
    expect(await rulesOf('ruled')).toEqual(['No refunds above 300.']);
  });

  it('whether less may bound an agent is asked as if it gained each of its tools, and always', async () => {
    say(file('bound', { tools: ['finance.refund'] }));
    expect(await publication('bound')).toMatchObject({
      holds: 'part',
      request: { askedOf: ['group:default/security'] },
    });
    // Of no such tool, so no line is about it.
    const spec = { tools: ['orders.find'] };
    const said = (monthlyBudgetUsd: string) =>
      bounded(file('free', spec), { monthlyBudgetUsd });
    say(said('5'));
    await publication('free');
    say(said('6'));
    expect(await publication('free')).toMatchObject({
      holds: 'part',
      request: { askedOf: ['group:default/care'] },
    });
    // Nor does another file of the name get round it, and name its own judges.
    say(file('free', { ...spec, owner: 'group:default/security' }, 'url:two'));
    expect(await publication('free')).toMatchObject({
      holds: 'owners',
      request: {
        askedOf: ['group:default/care'],
        reason: expect.stringContaining('Its file is another one'),
      },
    });
    expect(await budgets()).toMatchObject({ 'agent:default/free': '5' });
  });

  it('what was approved before annotations were kept takes those that its file has', async () => {
    await knex('agent_publications')
      .where('agent_ref', 'agent:default/bound')
      .update({ annotations: null });
    // Also of one that is not in production at that moment.
    const spec = { tools: ['finance.refund'] };
    say(
      bounded(file('bound', { ...spec, lifecycle: 'review' }), {
        rules: limit(200),
        monthlyBudgetUsd: '7',
      }),
    );
    await schedulers[0].triggerTask('look-at-publications');
    expect(await budgets(replica)).toMatchObject({
      'agent:default/bound': '7',
    });
    say(file('bound', { ...spec, instructions: 'Pay.' }));
    expect(await publication('bound')).toMatchObject({
      holds: 'part',
      request: {
        title: 'The bound would change: instructions, rules, monthly budget.',
      },
    });
  });

  it('lets nothing begin while its database is away', async () => {
    say(guarded('away', { model: 'dear' }));
    await knex.schema.renameTable('agent_publications', 'away');
    try {
      expect(await refused(begin('away'))).toMatch(/^5\d\d/);
    } finally {
      await knex.schema.renameTable('away', 'agent_publications');
    }
  });

  it('an agent that goes while its work begins is not given what its file said', async () => {
    const records = new AgentRecords({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({ entities: [] }),
      states: new StateStore(knex),
      grants: new GrantStore(knex),
      sponsorGraceDays: 1,
      published: await PublishedDefinitions.create({
        store: new PublicationStore(knex),
        isAsked: true,
      }),
    });
    await expect(records.heldSpec('agent:default/gone')).rejects.toThrow(
      'The catalog has no agent:default/gone',
    );
  });

  it('whatever happens in whatever order, no part works that was not approved', async () => {
    let seed = 7;
    const pick = <T>(values: readonly T[]): T => {
      seed = (seed * 48_271) % 2_147_483_647;
      return values[seed % values.length];
    };
    const TOOLS = ['orders.find', 'orders.write', 'finance.refund'];
    let said = guarded('any').spec;
    say(guarded('any'));
    const judgeOf = ({ askedOf }: ApprovalTicket) =>
      askedOf.includes('group:default/security') ? SIA : LEA;
    // Of each part, what was approved last.
    let approved = said;
    let bounds: DecidingAnnotations = {};
    let approvedBounds = bounds;
    const published = await PublishedDefinitions.create({
      store: new PublicationStore(knex),
      isAsked: true,
    });
    const known = { approved: 0, part: 0, bound: 0 };
    const refusals: string[] = [];
    for (let step = 0; step < 80; step++) {
      const { request } = await publication('any', pick([portal, replica]));
      switch (pick(['say', 'say', 'say', 'approve', 'reject', 'expire'])) {
        case 'approve':
          if (request?.status === 'pending') {
            await decide(request.id, judgeOf(request));
            approved = said;
            approvedBounds = bounds;
            known.approved += 1;
          }
          break;
        case 'reject':
          if (request?.status === 'pending') {
            await decide(request.id, judgeOf(request), 'reject');
          }
          break;
        case 'expire':
          await knex('agent_approvals')
            .where({ agent_ref: 'agent:default/any', status: 'pending' })
            .update({ expires_at: Date.now() - 1 });
          break;
        default:
          said = guarded('any', {
            tools: TOOLS.filter(() => pick([true, false])),
            instructions: pick(['Find.', 'Write.', 'Refund.']),
            autonomy: pick(['copilot', 'supervised', 'autopilot']),
            lifecycle: pick(['production', 'production', 'suspended']),
          }).spec;
          bounds = {
            ...pick([{}, { rules: limit(1) }, { rules: limit(2) }]),
            ...pick([{}, { monthlyBudgetUsd: '1' }, { monthlyBudgetUsd: '2' }]),
          };
          say(bounded({ ...guarded('any'), spec: said }, bounds));
      }
      // Of bounds, what was approved holds whatever the file says.
      const texts = await readRuleAnnotations({
        catalog: catalogServiceMock({
          entities: [bounded({ ...guarded('any'), spec: said }, bounds)],
        }),
        auth: mockServices.auth(),
        trust: CatalogTrust.fromConfig(mockServices.rootConfig()),
        published,
      });
      const ofAny = texts
        .filter(({ scope }) => JSON.stringify(scope).includes('default/any'))
        .map(({ text }) => text);
      expect(new Set(ofAny)).toEqual(
        new Set([approvedBounds.rules, bounds.rules].filter(Boolean)),
      );
      expect((await budgets())['agent:default/any']).toBe(
        approvedBounds.monthlyBudgetUsd,
      );
      known.bound += Number(
        Boolean(approvedBounds.rules) && bounds.rules !== approvedBounds.rules,
      );
      if (said.lifecycle !== 'production') {
        refusals.push(await refused(begin('any')));
        continue;
      }
      const [was, is] = [approved, said];
      const { agent: acts, definition } = await begin('any', {
        of: pick([portal, replica]),
      });
      const levels = ['copilot', 'supervised', 'autopilot'];
      expect(definition).toMatchObject({
        instructions: was.instructions,
        tools: TOOLS.filter(
          name => was.tools!.includes(name) && is.tools!.includes(name),
        ).map(name => `tool:default/${name}`),
        autonomy:
          levels[
            Math.min(
              levels.indexOf(approved.autonomy),
              levels.indexOf(said.autonomy),
            )
          ],
      });
      expect(acts.tools).toEqual(definition!.tools);
      known.part += Number(definition!.instructions !== said.instructions);
    }
    expect(refusals.length).toBeGreaterThan(3);
    expect(refusals.filter(text => !text.includes('suspended'))).toEqual([]);
    expect(known.approved).toBeGreaterThan(3);
    expect(known.part).toBeGreaterThan(10);
    expect(known.bound).toBeGreaterThan(10);
  });

  it('that begin to work by themselves are asked where nobody reviews their file, whatever the matrix says', async () => {
    const reviewed = clock('reviewed', 'url:one');
    say(
      clock('clock', LOCAL),
      clock('vouched', VOUCHED),
      reviewed,
      file('quiet', {}, LOCAL),
    );
    expect(await publication('clock')).toMatchObject({
      holds: 'owners',
      request: { status: 'pending' },
    });
    for (const name of ['vouched', 'reviewed', 'quiet']) {
      expect((await publication(name)).holds).toBe('all');
    }
    // Also if they were in production before anybody was asked.
    expect(metAlone).toMatchObject({ lifecycle: 'production', triggers: [] });
    say(clock('early', LOCAL));
    expect(await publication('early')).toMatchObject({
      holds: 'part',
      request: {
        status: 'pending',
        title: 'The early would change: triggers.',
      },
    });
    expect((await begin('early')).definition).toMatchObject({ triggers: [] });
  });

  it('asks nobody and keeps nothing where no line of the matrix is about publications', async () => {
    const off = await start([{ approvers: 'agent-owner' }]);
    try {
      off.setEntities([file('free', { tools: ['finance.refund'] }), ...OTHERS]);
      expect(await publication('free', off)).toEqual({
        holds: 'all',
        asksPeople: false,
      });
      const { agent: acts, definition } = await begin('free', { of: off });
      expect(acts.tools).toEqual(['tool:default/finance.refund']);
      expect(definition).toBeUndefined();
      expect(
        await refused(
          agents(off).requestPublication('default', 'free', by(LEA)),
        ),
      ).toContain('403 Nobody is asked');
      expect(await knex('agent_publications')).toEqual([]);

      // So what nobody has reviewed works for people, and not by itself.
      off.setEntities([
        clock('clock', LOCAL),
        clock('vouched', VOUCHED),
        clock('reviewed', 'url:one'),
        ...OTHERS,
      ]);
      const alone = { of: off, person: null };
      expect(await refused(begin('clock', alone))).toMatch(
        /^403 agent:default\/clock does not work by itself: nobody has reviewed its file/,
      );
      expect(await begin('clock', { of: off })).toMatchObject({
        personRef: BEN,
      });
      for (const name of ['vouched', 'reviewed']) {
        expect((await begin(name, alone)).personRef).toBeUndefined();
      }
    } finally {
      await off.stop();
    }
  });
});

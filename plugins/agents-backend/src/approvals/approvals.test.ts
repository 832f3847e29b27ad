import {
  AgentsClient,
  type Approval,
  ApprovalRequestsClient,
  ApprovalsClient,
  EarnedAutonomyClient,
  type NewToolCallApproval,
} from '@agentportal/plugin-agents-common';
import {
  actionDigest,
  ApprovalGrants,
  auditLogServiceRef,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createServiceFactory,
  type SchedulerService,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type { Entity } from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import { notificationService } from '@backstage/plugin-notifications-node';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { randomUUID } from 'node:crypto';
import { agent, later, person, startPortal } from '../__testUtils__/portal';
import { MIGRATIONS_DIRECTORY } from '../store/openDatabase';
import { ApprovalLists } from './ApprovalLists';
import { ApprovalStore } from './ApprovalStore';
import { FormWorkers } from './FormWorkers';
import { GrantKeys } from './GrantKeys';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const DESK = 'agent:default/desk';
const REFUND = 'tool:default/finance.refund';
const REFUND_TOOL: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Tool',
  metadata: {
    name: 'finance.refund',
    namespace: 'default',
    title: 'Issue a refund',
    annotations: {
      'backstage.io/managed-by-origin-location': 'agentportal:tools',
    },
  },
  spec: { riskTier: 'external' },
};
const DANA = 'user:default/dana';
const LEA = 'user:default/lea';
const MAX = 'user:default/max';
const OMAR = 'user:default/omar';
const GROUPS: Record<string, string[]> = {
  care: ['dana', 'lea'],
  money: ['max'],
  ops: ['omar', 'olga'],
};

function group(name: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name, namespace: 'default' },
    spec: { type: 'team', children: [] },
    relations: GROUPS[name].map(member => ({
      type: 'hasMember',
      targetRef: `user:default/${member}`,
    })),
  };
}

const people = ['dana', 'lea', 'max', 'omar', 'olga', 'ada', 'ben'].map(name =>
  person(
    name,
    ...Object.keys(GROUPS).filter(each => GROUPS[each].includes(name)),
  ),
);
people[1].spec!.profile = { displayName: 'Lea Berg' };
const ENTITIES = [
  agent('desk', { tools: ['finance.refund'] }),
  agent('trusted', { tools: ['finance.refund'] }),
  agent('clock', { tools: ['finance.refund'], identity: 'own' }),
  ...people,
  ...Object.keys(GROUPS).map(group),
  REFUND_TOOL,
];

/** As the policy of the portal decides. */
function decide(name: string, userRef: string): PolicyDecision {
  const groups = Object.keys(GROUPS).filter(each =>
    GROUPS[each].some(member => userRef === `user:default/${member}`),
  );
  return name.startsWith('agents.approval.')
    ? ({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'agents',
        resourceType: 'agents-approval',
        conditions: {
          rule: 'IS_APPROVAL_PARTY',
          resourceType: 'agents-approval',
          params: {
            claims: [userRef, ...groups.map(each => `group:default/${each}`)],
          },
        },
      } as PolicyDecision)
    : { result: AuthorizeResult.ALLOW };
}

const MATRIX = [
  {
    when: { tool: REFUND, amountOver: { argument: 'amount', value: 500 } },
    approvers: ['agent-owner', 'tool-owner'],
    quorum: 2,
    differentGroups: true,
  },
  { when: { kind: 'access' }, approvers: ['operators'] },
  { approvers: ['agent-owner'], onExpiry: 'escalate', expiresAfterMinutes: 60 },
];

describe.each(databases.eachSupportedId())('approvals on %s', databaseId => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let replica: Awaited<ReturnType<typeof startPortal>>;
  const entries: AuditRecord[] = [];
  const schedulers: SchedulerService[] = [];
  let auditIsAway = false;
  const send = jest.fn();
  const publish = jest.fn();
  const actions = actionsRegistryServiceMock();

  beforeAll(async () => {
    const knex = await databases.init(databaseId);
    const start = (registry = actionsRegistryServiceMock()) =>
      startPortal({
        knex,
        entities: ENTITIES,
        config: {
          approvals: {
            matrix: MATRIX,
            escalateTo: ['ops'],
            breakGlass: { onCall: 'money', perQuarter: 2 },
          },
        },
        features: [
          createServiceFactory({
            service: coreServices.scheduler,
            deps: {},
            factory: () => {
              const scheduler = mockServices.scheduler();
              schedulers.push(scheduler);
              return scheduler;
            },
          }),
          createServiceFactory({
            service: actionsRegistryServiceRef,
            deps: {},
            factory: () => registry,
          }),
          createServiceFactory({
            service: auditLogServiceRef,
            deps: {},
            factory: () => ({
              record: async entry => {
                if (auditIsAway) {
                  throw new ServiceUnavailableError('No log.');
                }
                entries.push(entry);
              },
              note: async entry => {
                entries.push(entry);
              },
            }),
          }),
          createServiceFactory({
            service: notificationService,
            deps: {},
            factory: () => ({ send }),
          }),
          createServiceFactory({
            service: signalsServiceRef,
            deps: {},
            factory: () => ({ publish }),
          }),
          createServiceFactory({
            service: coreServices.permissions,
            deps: {},
            factory: () => ({
              authorize: async requests =>
                requests.map(() => ({ result: AuthorizeResult.ALLOW })),
              authorizeConditional: async (requests, { credentials }) =>
                requests.map(({ permission }) =>
                  decide(
                    permission.name,
                    (credentials.principal as { userEntityRef: string })
                      .userEntityRef,
                  ),
                ),
            }),
          }),
        ],
      });
    portal = await start(actions);
    replica = await start();
  });

  afterAll(async () => {
    await replica.stop();
    await portal.stop();
  });

  beforeEach(() => {
    entries.length = 0;
    send.mockClear();
    publish.mockClear();
  });

  const connection = (of = portal) => ({
    discoveryApi: { getBaseUrl: async () => of.url },
    fetchApi: { fetch },
  });
  const plugin = (subject: string) => ({
    token: mockCredentials.service.token({
      onBehalfOf: mockCredentials.service(subject),
      targetPluginId: 'agents',
    }),
  });
  const TOOLS = plugin('plugin:tools');
  const RUNS = plugin('plugin:orchestration');
  const by = (ref: string) => ({ token: mockCredentials.user.token(ref) });
  const requests = () => new ApprovalRequestsClient(connection());
  const inbox = () => new ApprovalsClient(connection());
  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => {
        throw new Error('It was allowed.');
      },
      error => ({ status: error.statusCode, message: error.cause.message }),
    );

  const call = (
    change: {
      args?: object;
      binding?: Partial<NewToolCallApproval['binding']>;
    } & Partial<Omit<NewToolCallApproval, 'binding'>> = {},
  ): NewToolCallApproval => {
    const { args, binding, ...rest } = change;
    return {
      requestKey: randomUUID(),
      binding: {
        agentRef: DESK,
        personRef: DANA,
        toolRef: REFUND,
        schemaDigest: 'h1',
        args: { amount: 340, order: 'R-1', ...args },
        rulesVersion: '1',
        ...binding,
      },
      tool: {
        name: 'refund',
        title: 'Issue a refund',
        riskTier: 'external',
        ownerRef: 'group:default/money',
      },
      reason: 'The desk is on supervised, and a refund is external.',
      runId: 'run-1',
      ...rest,
    };
  };
  const ask = (change?: Parameters<typeof call>[0]) =>
    requests().requestToolCall(call(change), TOOLS);
  const approve = async (
    id: string,
    ref: string,
    change: { args?: Record<string, unknown>; breakGlass?: boolean } & {
      reason?: string;
    } = {},
  ): Promise<Approval> => {
    const { digest } = await inbox().getApproval(id, by(ref));
    return inbox().decide(
      id,
      { decision: 'approve', digest, ...change },
      by(ref),
    );
  };
  const waitFor = async (isTrue: () => Promise<boolean>) => {
    while (!(await isTrue())) {
      await new Promise(resolve => {
        setTimeout(resolve, 10);
      });
    }
  };
  const shiftClock = async (id: string, ms: number) => {
    await portal
      .knex('agent_approvals')
      .where({ id })
      .update({ expires_at: Date.now() - ms });
  };

  it('a call is asked about, approved by somebody else, and made once', async () => {
    const body = call();
    const ticket = await requests().requestToolCall(body, TOOLS);
    expect(ticket).toMatchObject({
      kind: 'tool-call',
      status: 'pending',
      askedOf: ['group:default/care'],
      digest: actionDigest(body.binding),
      title: `The desk wants to issue a refund with amount 340 and order R-1, on behalf of ${DANA}.`,
    });
    // The same try is the same request, on every replica.
    expect(
      await new ApprovalRequestsClient(connection(replica)).requestToolCall(
        body,
        TOOLS,
      ),
    ).toEqual(ticket);
    expect(send).toHaveBeenCalledTimes(1);
    expect(send.mock.calls[0][0]).toMatchObject({
      recipients: {
        entityRef: ['group:default/care'],
        excludeEntityRef: [DANA],
      },
      payload: { link: `/approvals/${ticket.id}` },
    });

    const seen = await inbox().getApproval(ticket.id, by(DANA));
    expect(seen.can.approve).toEqual({
      allowed: false,
      reason: expect.stringContaining('somebody else decides'),
    });
    expect(
      await refused(
        inbox().decide(
          ticket.id,
          { decision: 'approve', digest: ticket.digest },
          by(DANA),
        ),
      ),
    ).toMatchObject({ status: 403 });
    expect(await refused(requests().mintGrant(ticket.id, RUNS))).toMatchObject({
      status: 403,
    });

    const after = await approve(ticket.id, LEA);
    expect(after).toMatchObject({ status: 'approved', approvals: 1 });
    expect(
      (await requests().queryApprovals([ticket.id], RUNS))[0],
    ).toMatchObject({
      status: 'approved',
      runId: 'run-1',
      decidedBy: [LEA],
      reason: `${LEA} approved it.`,
    });
    const { grant, jti, digest } = await requests().mintGrant(ticket.id, RUNS);
    const grants = new ApprovalGrants({
      readKeys: () => requests().getKeys(TOOLS),
    });
    expect(
      await grants.verify(grant, {
        digest: actionDigest(body.binding),
        runId: 'run-1',
      }),
    ).toMatchObject({ approvalId: ticket.id, jti, approvers: [LEA] });

    // Two replicas at the same moment, and again later.
    const both = await Promise.allSettled(
      [portal, replica, portal, replica].map(of =>
        new ApprovalRequestsClient(connection(of)).redeemGrant(
          ticket.id,
          { digest, jti, runId: 'run-1' },
          TOOLS,
        ),
      ),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      both.flatMap(each =>
        each.status === 'rejected' ? each.reason.statusCode : [],
      ),
    ).toEqual([409, 409, 409]);
    expect(await refused(requests().mintGrant(ticket.id, RUNS))).toMatchObject({
      status: 409,
    });
    // The run that asks for the same call again learns that it was used.
    expect(
      (await requests().requestToolCall(body, TOOLS)).redeemedAt,
    ).toBeDefined();
    expect(
      entries.map(({ action, outcome }) => `${action} ${outcome}`),
    ).toEqual(
      expect.arrayContaining([
        'approval.request succeeded',
        'approval.approve succeeded',
        'approval.redeem started',
      ]),
    );
    expect(publish).toHaveBeenCalledWith(
      expect.objectContaining({
        channel: 'agents:approvals',
        message: { id: ticket.id, status: 'approved' },
      }),
    );
  });

  it('redeems nothing for another digest, run or token, nor without the log', async () => {
    const { id } = await ask();
    await approve(id, LEA);
    const { digest, jti } = await requests().mintGrant(id, RUNS);
    for (const wrong of [
      { digest: `sha256:${'0'.repeat(64)}` },
      { jti: randomUUID() },
      { runId: 'run-2' },
      { runId: undefined },
    ]) {
      expect(
        await refused(
          requests().redeemGrant(
            id,
            { digest, jti, runId: 'run-1', ...wrong },
            TOOLS,
          ),
        ),
      ).toMatchObject({ status: 403 });
    }
    expect(
      await refused(
        requests().redeemGrant(id, { digest, jti, runId: 'run-1' }, RUNS),
      ),
    ).toMatchObject({ status: 403 });
    auditIsAway = true;
    expect(
      await refused(
        requests().redeemGrant(id, { digest, jti, runId: 'run-1' }, TOOLS),
      ),
    ).toMatchObject({ status: 503 });
    auditIsAway = false;
    // What the log could not take used nothing up.
    await requests().redeemGrant(id, { digest, jti, runId: 'run-1' }, TOOLS);
    // An approval that nobody used in time is over.
    const late = await ask();
    await approve(late.id, LEA);
    const unused = await requests().mintGrant(late.id, RUNS);
    await portal
      .knex('agent_approvals')
      .where({ id: late.id })
      .update({ grant_expires_at: Date.now() - 1 });
    expect(
      await refused(
        requests().redeemGrant(
          late.id,
          { digest: unused.digest, jti: unused.jti, runId: 'run-1' },
          TOOLS,
        ),
      ),
    ).toMatchObject({ status: 403 });
  });

  it('an edit is another call: approvals begin anew, and larger sums take more people', async () => {
    const body = call();
    const { id, digest } = await requests().requestToolCall(body, TOOLS);
    const edited = await approve(id, LEA, {
      args: { amount: 200, order: 'R-1' },
    });
    expect(edited).toMatchObject({
      status: 'approved',
      args: { amount: 200 },
      requestedArgs: { amount: 340 },
      editedBy: LEA,
    });
    expect(edited.digest).not.toBe(digest);
    const minted = await requests().mintGrant(id, RUNS);
    expect(minted).toMatchObject({
      args: { amount: 200, order: 'R-1' },
      digest: edited.digest,
    });
    const [outcome] = await requests().queryApprovals([id], RUNS);
    expect(outcome).toMatchObject({
      reason: `${LEA} approved it with amount 200 instead of 340.`,
      editedBy: LEA,
      args: { amount: 200, order: 'R-1' },
    });
    // The run repeats the call as it was changed, and it is still the same request.
    expect(
      await requests().requestToolCall(
        {
          ...body,
          binding: { ...body.binding, args: { amount: 200, order: 'R-1' } },
        },
        TOOLS,
      ),
    ).toMatchObject({ id, status: 'approved' });

    const more = await ask();
    const raised = await approve(more.id, LEA, {
      args: { amount: 900, order: 'R-1' },
    });
    expect(send.mock.lastCall[0]).toMatchObject({
      recipients: {
        entityRef: ['group:default/care', 'group:default/money'],
        excludeEntityRef: [DANA, LEA],
      },
    });
    expect(raised).toMatchObject({
      status: 'pending',
      approvals: 1,
      quorum: 2,
      askedOf: ['group:default/care', 'group:default/money'],
    });
    // Whoever had read the old one decides nothing about the new one.
    expect(
      await refused(
        inbox().decide(
          more.id,
          { decision: 'approve', digest: more.digest },
          by(MAX),
        ),
      ),
    ).toMatchObject({ status: 409 });
    expect(await refused(approve(more.id, LEA))).toMatchObject({
      status: 403,
      message: expect.stringContaining('You have approved it. 1 of 2'),
    });
    expect(await approve(more.id, MAX)).toMatchObject({
      status: 'approved',
      decisions: [{ by: LEA, edited: true }, { by: MAX }],
    });
  });

  it('a rejection has a reason, which the run and its person read', async () => {
    const { id, digest } = await ask();
    const reject = (reason?: string) =>
      inbox().decide(id, { decision: 'reject', digest, reason }, by(LEA));
    expect(await refused(reject())).toMatchObject({ status: 400 });
    send.mockClear();
    await reject('The order was never paid.');
    expect((await requests().queryApprovals([id], RUNS))[0]).toMatchObject({
      status: 'rejected',
      reason: `${LEA} rejected it: The order was never paid.`,
      decidedBy: [LEA],
    });
    expect(send).toHaveBeenCalledWith(
      expect.objectContaining({
        recipients: expect.objectContaining({ entityRef: [DANA] }),
        // People read names.
        payload: expect.objectContaining({
          title: 'Lea Berg rejected it: The order was never paid.',
          description:
            'The desk wants to issue a refund with amount 340 and order R-1, on behalf of dana.',
        }),
      }),
    );
    expect(await refused(approve(id, LEA))).toMatchObject({ status: 409 });
  });

  it('a program asks again, and hears the same until its request is over', async () => {
    const body = call({ runId: undefined, binding: { personRef: undefined } });
    body.requestKey = actionDigest(body.binding);
    const first = await requests().requestToolCall(body, TOOLS);
    const again = () => requests().requestToolCall(body, TOOLS);
    expect((await again()).id).toBe(first.id);
    await approve(first.id, LEA);
    expect(await again()).toMatchObject({ id: first.id, status: 'approved' });
    const { digest, jti } = await requests().mintGrant(first.id, TOOLS);
    await requests().redeemGrant(first.id, { digest, jti }, TOOLS);
    const second = await again();
    expect(second).toMatchObject({ status: 'pending' });
    expect(second.id).not.toBe(first.id);
    await inbox().decide(
      second.id,
      { decision: 'reject', digest: second.digest, reason: 'Not twice.' },
      by(LEA),
    );
    expect(await again()).toMatchObject({ id: second.id, status: 'rejected' });
    // Nobody is asked the same again before that.
    await shiftClock(second.id, 1);
    expect((await again()).status).toBe('pending');
    // The agent reads its own request, and no other agent does.
    const { id } = await again();
    expect(await inbox().getApproval(id, by(DESK))).toMatchObject({
      id,
      can: { approve: { allowed: false } },
    });
    expect(
      await refused(inbox().getApproval(id, by('agent:default/clock'))),
    ).toMatchObject({ status: 404 });
    // Nor what the agent has asked while it worked for a person.
    const forDana = await ask();
    expect(
      await refused(inbox().getApproval(forDana.id, by(DESK))),
    ).toMatchObject({ status: 404 });
    expect(
      await refused(
        inbox().decide(
          id,
          { decision: 'approve', digest: second.digest },
          by(DESK),
        ),
      ),
    ).toMatchObject({ status: 403 });
  });

  it('whoever holds a credential of a program does not decide what it asks', async () => {
    const credential = {
      id: randomUUID(),
      agent_ref: DESK,
      kind: 'public-key',
      title: 'CI',
      created_by: LEA,
      created_at: Date.now(),
      expires_at: Date.now() + 60_000,
    };
    await portal.knex('agent_credentials').insert(credential);
    const own = () =>
      ask({ runId: undefined, binding: { personRef: undefined } });
    const { id } = await own();
    expect(await refused(approve(id, LEA))).toMatchObject({ status: 403 });
    // For what a person asked of it the credential is of no account.
    expect((await approve((await ask()).id, LEA)).status).toBe('approved');
    await portal
      .knex('agent_credentials')
      .where({ id: credential.id })
      .update({ revoked_at: Date.now() });
    expect((await approve((await own()).id, LEA)).status).toBe('approved');
  });

  it('rules that change while it waits make it another request', async () => {
    const body = call();
    const first = await requests().requestToolCall(body, TOOLS);
    const next = await requests().requestToolCall(
      { ...body, binding: { ...body.binding, rulesVersion: '2' } },
      TOOLS,
    );
    expect(next.id).not.toBe(first.id);
    expect(
      await requests().queryApprovals(
        { ids: [first.id], requestKeys: [body.requestKey] },
        RUNS,
      ),
    ).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: first.id, status: 'withdrawn' }),
        expect.objectContaining({
          id: next.id,
          status: 'pending',
          requestKey: body.requestKey,
        }),
      ]),
    );
  });

  it('hands on what nobody decided in time, once, and then ends it', async () => {
    const { id } = await ask();
    await shiftClock(id, 1);
    send.mockClear();
    const escalated = (await requests().queryApprovals([id], RUNS))[0];
    expect(escalated).toMatchObject({
      status: 'pending',
      askedOf: ['group:default/care', 'group:default/ops'],
    });
    expect(send.mock.calls[0][0]).toMatchObject({
      recipients: { entityRef: ['group:default/ops'] },
    });
    await shiftClock(id, 1);
    expect((await requests().queryApprovals([id], RUNS))[0]).toMatchObject({
      status: 'expired',
      reason: expect.stringContaining('Nobody decided in time'),
    });
    expect(await refused(approve(id, OMAR))).toMatchObject({ status: 409 });
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['approval.escalate', 'approval.expire']),
    );
  });

  it('asks the operators as well when those who are meant may not decide or are gone', async () => {
    const { askedOf } = await ask({ binding: { personRef: LEA } });
    expect(askedOf).toEqual(['group:default/care']);
    portal.setEntities(
      ENTITIES.map(entity =>
        entity.kind === 'Group' && entity.metadata.name === 'care'
          ? {
              ...entity,
              relations: [{ type: 'hasMember', targetRef: DANA }],
            }
          : entity,
      ),
    );
    expect((await ask()).askedOf).toEqual([
      'group:default/care',
      'group:default/ops',
    ]);
    portal.setEntities(ENTITIES);
  });

  it('a deputy decides in the place of somebody else, and not what that one must not', async () => {
    const BEN = 'user:default/ben';
    expect(
      await refused(
        inbox().setDeputy({ deputyRef: LEA, until: later(-1) }, by(LEA)),
      ),
    ).toMatchObject({ status: 400 });
    await inbox().setDeputy({ deputyRef: BEN, until: later() }, by(LEA));
    expect(await inbox().getDeputy(by(BEN))).toMatchObject({
      standsInFor: [{ personRef: LEA }],
    });
    const { id } = await ask({ binding: { personRef: DANA } });
    expect(
      (await inbox().listApprovals({ view: 'mine' }, by(BEN))).items,
    ).toEqual(expect.arrayContaining([expect.objectContaining({ id })]));
    expect(await approve(id, BEN)).toMatchObject({
      status: 'approved',
      decisions: [{ by: BEN, inPlaceOf: LEA }],
    });
    // What is done for Lea, her deputy does not decide for her.
    const own = await ask({ binding: { personRef: LEA } });
    expect(await refused(approve(own.id, BEN))).toMatchObject({ status: 403 });
    await inbox().removeDeputy(by(LEA));
    const later2 = await ask();
    expect(
      await refused(inbox().getApproval(later2.id, by(BEN))),
    ).toMatchObject({ status: 404 });
  });

  it('somebody on call lets a call pass alone, within a quota, and others review it', async () => {
    const work = randomUUID();
    await portal.knex('agent_delegations').insert({
      id: work,
      root_id: work,
      depth: 0,
      ancestors: '[]',
      agent_ref: DESK,
      started_by: DANA,
      task_id: 't',
      created_at: 1,
      expires_at: Date.now() + 60_000,
    });
    const { id } = await ask({ delegationId: work });
    expect(
      (await inbox().getApproval(id, by(LEA))).can.breakGlass.allowed,
    ).toBe(false);
    expect(await refused(approve(id, MAX, { breakGlass: true }))).toMatchObject(
      { status: 400 },
    );
    const after = await approve(id, MAX, {
      breakGlass: true,
      reason: 'The customer is stranded.',
    });
    expect(after).toMatchObject({ status: 'approved', brokenGlassBy: MAX });
    await requests().mintGrant(id, RUNS);
    expect(entries.map(({ action }) => action)).toContain(
      'approval.break-glass',
    );
    const { items } = await inbox().listApprovals(
      { view: 'mine', kind: ['review'] },
      by(LEA),
    );
    expect(items).toEqual([
      expect.objectContaining({
        kind: 'review',
        requestedBy: MAX,
        title: expect.stringContaining('let pass alone'),
      }),
    ]);
    expect(items[0].personRef).toBeUndefined();
    // It is looked at also when the run has ended.
    await portal.knex('agent_delegations').where({ id: work }).update({
      ended_at: 2,
    });
    await schedulers[0].triggerTask('keep-approvals');
    expect((await inbox().getApproval(items[0].id, by(LEA))).status).toBe(
      'pending',
    );
    // Not by whoever did it, who does not take it back either.
    expect(await refused(approve(items[0].id, MAX))).toMatchObject({
      status: 403,
    });
    expect(
      await refused(inbox().withdraw(items[0].id, undefined, by(MAX))),
    ).toMatchObject({ status: 403 });
    expect(
      (await inbox().getApproval(items[0].id, by(MAX))).can.withdraw.allowed,
    ).toBe(false);
    const alone = async () => {
      const next = await ask();
      return approve(next.id, MAX, { breakGlass: true, reason: 'Again.' });
    };
    // A look that nobody takes in time ends it for this person.
    await shiftClock(items[0].id, 1);
    await requests().queryApprovals([items[0].id], RUNS);
    expect(await refused(alone())).toMatchObject({
      message: expect.stringContaining('not reviewed in time'),
    });
    await portal
      .knex('agent_approvals')
      .where({ id: items[0].id })
      .update({ status: 'approved' });
    await alone();
    expect(await refused(alone())).toMatchObject({
      status: 403,
      message: expect.stringContaining('2 times in this quarter'),
    });
    expect((await inbox().getSummary(by(LEA))).breakGlass).toEqual({
      used: 2,
      quota: 2,
    });
  });

  it('a run asks a question, and the answer has to fit its form', async () => {
    const ticket = await requests().askQuestion(
      {
        requestKey: randomUUID(),
        title: 'Which carrier?',
        form: {
          properties: {
            carrier: { type: 'string', enum: ['north', 'south'] },
            note: { type: 'string' },
          },
          required: ['carrier'],
        },
        // The person for whom it is done may well be the one who knows.
        askedOf: [DANA],
        personRef: DANA,
        agentRef: DESK,
        runId: 'run-9',
      },
      RUNS,
    );
    expect(
      await refused(inbox().answer(ticket.id, { carrier: 'west' }, by(DANA))),
    ).toMatchObject({
      status: 400,
      message: expect.stringContaining('carrier'),
    });
    // A secret is kept as what tools get it back for, and nobody reads it.
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    expect(
      await refused(
        inbox().answer(ticket.id, { carrier: 'north', [key]: 'x' }, by(DANA)),
      ),
    ).toMatchObject({
      status: 400,
      message: expect.stringContaining('name of a field'),
    });
    expect(
      await inbox().answer(
        ticket.id,
        { carrier: 'north', note: `Use ${key}.` },
        by(DANA),
      ),
    ).toMatchObject({
      status: 'answered',
      values: { carrier: 'north', note: 'Use [secret].' },
    });
    expect(
      (await requests().queryApprovals([ticket.id], RUNS))[0],
    ).toMatchObject({
      status: 'answered',
      values: {
        carrier: 'north',
        note: expect.stringMatching(/^Use \[\[told-secret\.[\w-]+\]\]\.$/),
      },
      decidedBy: [DANA],
    });
    expect(
      await refused(
        requests().askQuestion(
          {
            requestKey: randomUUID(),
            title: 'Broken',
            form: { properties: { a: { type: 'nothing' } } },
            askedOf: [DANA],
          },
          RUNS,
        ),
      ),
    ).toMatchObject({ status: 400 });
  });

  it('keeps no secret that people write about a request or change in it', async () => {
    const key = `ghp_${'b1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const [rejected, edited, taken] = await Promise.all(
      [21, 22, 23].map(amount =>
        ask({
          runId: `run-${amount}`,
          binding: { personRef: 'user:default/ben', args: { amount } },
        }),
      ),
    );
    const [seen] = await Promise.all([
      inbox().getApproval(edited.id, by(DANA)),
      inbox().addMessage(rejected.id, `Is it ${key}?`, by(DANA)),
    ]);
    const after = await inbox().decide(
      rejected.id,
      { decision: 'reject', digest: rejected.digest, reason: `Not ${key}.` },
      by(DANA),
    );
    expect(after).toMatchObject({
      reason: `${DANA} rejected it: Not [secret].`,
      decisions: [{ reason: 'Not [secret].' }],
      messages: [{ text: 'Is it [secret]?' }],
    });
    // The tool gets it back for what stands there.
    await inbox().decide(
      edited.id,
      {
        decision: 'approve',
        digest: seen.digest,
        args: { amount: 22, order: key },
      },
      by(DANA),
    );
    expect(
      (await requests().queryApprovals([edited.id], RUNS))[0].args,
    ).toEqual({
      amount: 22,
      order: expect.stringMatching(/^\[\[told-secret\.[\w-]+\]\]$/),
    });
    await requests().withdraw(taken.id, `It was ${key}.`, RUNS);
    const access = await inbox().requestAccess(
      {
        agentRef: DESK,
        permission: 'catalog.entity.refresh',
        reason: `For ${key}.`,
      },
      by(DANA),
    );
    await inbox().withdraw(access.id, undefined, by(DANA));
    const question = await requests().askQuestion(
      {
        requestKey: randomUUID(),
        title: `Is ${key} right?`,
        description: `It says ${key}.`,
        form: { properties: { isRight: { type: 'boolean' } } },
        askedOf: [DANA],
      },
      RUNS,
    );
    expect(await inbox().getApproval(question.id, by(DANA))).toMatchObject({
      title: 'Is [secret] right?',
      description: 'It says [secret].',
    });
    await requests().withdraw(question.id, 'Enough.', RUNS);
    const kept = JSON.stringify([
      await portal.knex('agent_approvals'),
      entries,
      send.mock.calls,
      publish.mock.calls,
    ]);
    expect(kept).toContain('[secret]');
    expect(kept).not.toContain(key);
  });

  it('an agent earns a tool by decisions of others, and loses it when it is stopped', async () => {
    const QUALITY = plugin('plugin:evals');
    const earned = () => new EarnedAutonomyClient(connection());
    const agentRef = 'agent:default/trusted';
    const since = new Date(Date.now() - 60_000).toISOString();
    const mine = { binding: { agentRef } };
    const [kept, changed, no, alone] = await Promise.all(
      [1, 2, 3, 4].map(amount => ask({ ...mine, args: { amount } })),
    );
    await approve(kept.id, LEA);
    await approve(changed.id, LEA, { args: { amount: 1, order: 'R-2' } });
    await inbox().decide(
      no.id,
      { decision: 'reject', digest: no.digest, reason: 'Not this one.' },
      by(LEA),
    );
    await approve(alone.id, LEA);
    // The quota of emergencies is used up by now.
    const [{ details }] = await portal
      .knex('agent_approvals')
      .where('id', alone.id);
    await portal
      .knex('agent_approvals')
      .where('id', alone.id)
      .update({
        details: JSON.stringify({
          ...JSON.parse(details),
          brokenGlassBy: MAX,
        }),
      });

    const seen = await earned().queryEvidence({ agentRef, since }, QUALITY);
    expect(seen).toMatchObject({
      autonomy: 'supervised',
      isActive: true,
      tools: [{ toolRef: REFUND, riskTier: 'external', covered: false }],
      earned: [],
    });
    // What somebody let pass alone shows nothing.
    expect(
      Object.fromEntries(
        seen.decisions.map(each => [each.approvalId, each.outcome]),
      ),
    ).toEqual({
      [kept.id]: 'unchanged',
      [changed.id]: 'changed',
      [no.id]: 'rejected',
    });
    expect(seen.decisions[0]).toMatchObject({
      personRef: DANA,
      deciders: [LEA],
      isHasty: false,
    });

    const body = {
      agentRef,
      toolRef: REFUND,
      riskTier: 'external' as const,
      askedShare: 0.05,
      basis: {
        ...{ agreed: 60, counted: 60, lowerBound: 0.951, target: 0.95 },
        ...{ confidence: 0.95, deciders: 2, people: 3 },
        ...{ since, until: new Date().toISOString() },
      },
      reason: 'In 60 of 60 calls people agreed.',
      by: OMAR,
    };
    for (const other of [TOOLS, by(OMAR)]) {
      expect(await refused(earned().request(body, other))).toMatchObject({
        status: 403,
      });
    }
    expect(
      await refused(earned().request({ ...body, riskTier: 'write' }, QUALITY)),
    ).toMatchObject({ status: 409 });
    const ticket = await earned().request(body, QUALITY);
    expect(ticket).toMatchObject({
      kind: 'access',
      askedOf: ['group:default/ops'],
      title:
        'The trusted would call Issue a refund without an approval, but for 5 % of the calls.',
    });
    expect(await earned().request(body, QUALITY)).toEqual(ticket);
    // Whoever proposes it does not decide it, and nothing holds before somebody has.
    expect(await refused(approve(ticket.id, OMAR))).toMatchObject({
      status: 403,
    });
    const { client, by: tools } = portal.as('plugin:tools');
    const identity = async () =>
      (await client.queryIdentities([agentRef], tools))[0];
    expect((await identity()).earned).toBeUndefined();
    // What was shown is of the file of then, and not of one that took its name since.
    const moved = agent('trusted', { tools: ['finance.refund'] });
    moved.metadata.annotations = {
      'backstage.io/managed-by-origin-location': 'url:https://elsewhere/a.yaml',
    };
    portal.setEntities([
      moved,
      ...ENTITIES.filter(({ metadata }) => metadata.name !== 'trusted'),
    ]);
    expect(
      await refused(approve(ticket.id, 'user:default/olga')),
    ).toMatchObject({ status: 409 });
    portal.setEntities(ENTITIES);
    await approve(ticket.id, 'user:default/olga');
    const [given] = (await identity()).earned!;
    expect(given).toMatchObject({
      toolRef: REFUND,
      riskTier: 'external',
      askedShare: 0.05,
    });
    // Nobody else learns by which id it is drawn about which calls people are asked.
    const access = await new AgentsClient(connection()).getAccess(
      'default',
      'trusted',
      by(OMAR),
    );
    expect(access.agent.agentRef).toBe(agentRef);
    expect(JSON.stringify(access)).not.toContain(given.id);
    const runs = portal.as('plugin:orchestration');
    await runs.client.createDelegation(
      {
        ...{ agentRef, personRef: DANA, startedBy: DANA, taskId: 'earned' },
        expiresAt: new Date(Date.now() + 60_000).toISOString(),
      },
      runs.by,
    );
    const work = await new AgentsClient(connection()).listDelegations(
      'default',
      'trusted',
      {},
      by(OMAR),
    );
    expect(work.items).toHaveLength(1);
    expect(JSON.stringify(work)).not.toContain(given.id);
    await portal.knex('agent_states').where('agent_ref', agentRef).delete();
    expect(await earned().list(QUALITY)).toMatchObject([
      { id: given.id, approvalId: ticket.id, basis: { agreed: 60 } },
    ]);
    // Nobody need look at one that is gone, and may be back tomorrow.
    portal.setEntities(
      ENTITIES.filter(({ metadata }) => metadata.name !== 'trusted'),
    );
    expect(await earned().list(QUALITY)).toEqual([]);
    portal.setEntities(ENTITIES);
    expect(await refused(earned().request(body, QUALITY))).toMatchObject({
      status: 409,
    });

    // Lowered autonomy lowers all of it, and so does another file of its name.
    const as = (change: Partial<Entity['spec']>) => [
      agent('trusted', { tools: ['finance.refund'], ...change }),
      ...ENTITIES.filter(({ metadata }) => metadata.name !== 'trusted'),
    ];
    portal.setEntities(as({ autonomy: 'copilot' }));
    expect((await identity()).earned).toBeUndefined();
    // Nobody sees what it becomes outside of production.
    portal.setEntities(as({ lifecycle: 'experimental' }));
    expect((await identity()).earned).toBeUndefined();
    portal.setEntities(ENTITIES);
    expect((await identity()).earned).toHaveLength(1);
    await portal.knex('agent_states').insert({
      agent_ref: agentRef,
      resumed_at: Date.now() + 1_000,
    });
    expect((await identity()).earned).toBeUndefined();
    await portal.knex('agent_states').where('agent_ref', agentRef).delete();

    expect(
      await refused(earned().end(given.id, { reason: 'No.' }, TOOLS)),
    ).toMatchObject({ status: 403 });
    const end = { reason: 'People disagreed with it.' };
    await earned().end(given.id, end, QUALITY);
    await earned().end(given.id, { reason: 'Once more.' }, QUALITY);
    expect((await identity()).earned).toBeUndefined();
    // That it was lost is known however often others were earned and lost since.
    await portal.knex('agent_earned_autonomy').insert(
      Array.from({ length: 60 }, () => ({
        ...{ id: randomUUID(), agent_ref: agentRef, risk_tier: 'write' },
        ...{ tool_ref: 'tool:default/other', autonomy: 'supervised' },
        ...{ asked_per_mille: 50, approval_id: ticket.id, basis: '{}' },
        created_at: Date.now() + 1_000,
        ...{ ended_at: Date.now(), ended_by: OMAR, end_reason: 'No.' },
      })),
    );
    const last = await earned().queryEvidence({ agentRef, since }, QUALITY);
    expect(last.earned).toMatchObject([
      { toolRef: 'tool:default/other' },
      { holds: false, endedBy: 'plugin:evals', endReason: end.reason },
    ]);
  });

  it('a person asks that an agent is given a permission, and operators give it', async () => {
    const body = {
      agentRef: DESK,
      permission: 'catalog.location.read',
      reason: 'It has to find the files.',
    };
    expect(
      await refused(
        inbox().requestAccess(
          { ...body, permission: 'agents.grant.manage' },
          by(DANA),
        ),
      ),
    ).toMatchObject({ status: 400 });
    const ticket = await inbox().requestAccess(body, by(DANA));
    expect(ticket.askedOf).toEqual(['group:default/ops']);
    expect((await inbox().requestAccess(body, by(DANA))).id).toBe(ticket.id);
    expect((await inbox().getApproval(ticket.id, by(OMAR))).title).toMatch(
      /would be given catalog.location.read, until somebody takes it back\.$/,
    );
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const ending = await inbox().requestAccess(
      { ...body, permission: 'catalog.location.create', until },
      by(DANA),
    );
    expect((await inbox().getApproval(ending.id, by(OMAR))).title).toMatch(
      new RegExp(`catalog.location.create until ${until.slice(0, 10)}\\.$`),
    );
    expect(await approve(ticket.id, OMAR)).toMatchObject({
      status: 'approved',
    });
    expect(await portal.knex('agent_grants')).toEqual([
      expect.objectContaining({
        agent_ref: DESK,
        permission: 'catalog.location.read',
        granted_by: OMAR,
        reason: `${DANA} asks for it: ${body.reason} (approval ${ticket.id})`,
      }),
    ]);
    expect(await refused(requests().mintGrant(ticket.id, RUNS))).toMatchObject({
      status: 403,
    });
  });

  it('shows people what concerns them, in pages, and nobody else anything', async () => {
    const { id } = await ask();
    const ids = async (
      ref: string,
      query: Parameters<ApprovalsClient['listApprovals']>[0],
    ) => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await inbox().listApprovals(
          { ...query, limit: 2, cursor },
          by(ref),
        );
        found.push(...page.items.map(item => item.id));
        cursor = page.nextCursor;
      } while (cursor);
      return found;
    };
    expect(await ids(LEA, { view: 'mine' })).toContain(id);
    expect(await ids(DANA, { view: 'mine' })).not.toContain(id);
    expect(await ids(DANA, { view: 'requested' })).toContain(id);
    expect(await ids(MAX, { view: 'team' })).toContain(id);
    expect(await ids('user:default/eve', { view: 'all' })).toEqual([]);
    expect(
      await refused(inbox().getApproval(id, by('user:default/eve'))),
    ).toMatchObject({ status: 404 });
    const all = await ids(LEA, { view: 'all' });
    expect(new Set(all).size).toBe(all.length);
    const { waiting } = await inbox().getSummary(by(LEA));
    expect(waiting.mine).toBe((await ids(LEA, { view: 'mine' })).length);
    await inbox().addMessage(id, 'Which order is it?', by(LEA));
    expect((await inbox().getApproval(id, by(DANA))).messages).toMatchObject([
      { by: LEA, text: 'Which order is it?' },
    ]);
    expect(
      await refused(inbox().withdraw(id, undefined, by(LEA))),
    ).toMatchObject({ status: 403 });
    await inbox().withdraw(id, 'Not needed.', by(DANA));
    expect((await inbox().getApproval(id, by(LEA))).status).toBe('withdrawn');
  });

  it('pages through what is asked of many groups of somebody', async () => {
    const lists = new ApprovalLists(portal.knex);
    const groups = Array.from({ length: 50 }, (_, i) => `group:default/g${i}`);
    const party = { refs: [...groups, DANA, LEA, MAX], role: 'asked' as const };
    const filter = { party, kind: ['question'], status: ['pending'] };
    const question = {
      title: 'Which?',
      form: { type: 'object' },
      askedOf: [DANA, LEA, MAX],
    };
    for (let i = 0; i < 3; i++) {
      await requests().askQuestion(
        { ...question, requestKey: randomUUID() },
        RUNS,
      );
    }
    const first = await lists.page(filter, { limit: 2 });
    expect(first.items).toHaveLength(2);
    const second = await lists.page(filter, {
      limit: 2,
      cursor: first.nextCursor,
    });
    expect([...first.items, ...second.items].map(({ id }) => id).length).toBe(
      await lists.count(filter),
    );
  });

  it('marks what is unlike earlier calls, and shows what was decided about those', async () => {
    const args = (amount: number) => ({ amount, order: 'R-1', method: 'card' });
    for (const amount of [10, 20, 30, 40, 50]) {
      const { id } = await ask({
        args: args(amount),
        binding: { toolRef: 'tool:default/finance.small' },
      });
      await approve(id, LEA);
    }
    const { id } = await ask({
      args: { ...args(70), method: 'cash' },
      binding: { toolRef: 'tool:default/finance.small' },
      provenance: { order: ['tool:default/web.fetch'], method: ['person'] },
    });
    const { unusual, similar } = await inbox().getApproval(id, by(LEA));
    expect(unusual).toEqual([
      { argument: 'amount', reason: expect.stringContaining('was 50') },
      {
        argument: 'order',
        reason: 'Not said by a person; it comes from tool:default/web.fetch.',
      },
      { argument: 'method', reason: expect.stringContaining('this value') },
    ]);
    expect(similar).toHaveLength(5);
  });

  it('nobody is asked about what is forbidden', async () => {
    expect(
      await refused(ask({ tool: { name: 'x', riskTier: 'forbidden' } })),
    ).toMatchObject({ status: 400 });
  });

  it('only the plugins that are meant ask, mint and redeem', async () => {
    for (const options of [RUNS, by(LEA), plugin('external:ci')]) {
      expect(
        await refused(requests().requestToolCall(call(), options)),
      ).toMatchObject({ status: 403 });
    }
    const { id } = await ask();
    expect(await refused(requests().mintGrant(id, by(LEA)))).toMatchObject({
      status: 403,
    });
    expect(
      await refused(requests().queryApprovals([id], by(LEA))),
    ).toMatchObject({ status: 403 });
    await requests().withdraw(id, 'The run was cancelled.', RUNS);
    expect((await requests().queryApprovals([id], RUNS))[0].status).toBe(
      'withdrawn',
    );
  });

  it('everything that people do is an action, which agents are refused', async () => {
    const { id, digest } = await ask();
    const { output } = (await actions.invoke({
      id: 'test:decide-approval',
      input: { id, decision: 'approve', digest },
      credentials: mockCredentials.user(LEA),
    })) as { output: { status: string } };
    expect(output.status).toBe('approved');
    await expect(
      actions.invoke({
        id: 'test:list-approvals',
        input: {},
        credentials: mockCredentials.user(DESK),
      }),
    ).rejects.toThrow('Only people decide');
  });

  it('signs with another key each hour, and forgets a key when nothing of it is good', async () => {
    const HOUR = 3_600_000;
    const { id } = await ask();
    await approve(id, LEA);
    const [record] = await new ApprovalStore(portal.knex).byIds([id]);
    const keys = new GrantKeys(portal.knex);
    const start = Date.now();
    const kidOf = async (now: number) => {
      const { grant } = await keys.mint(
        { ...record, grantExpiresAt: now + HOUR },
        now,
      );
      return JSON.parse(
        Buffer.from(grant.split('.')[0], 'base64url').toString(),
      ).kid;
    };
    const first = await kidOf(start);
    expect(await kidOf(start + HOUR / 2)).toBe(first);
    const second = await kidOf(start + HOUR);
    expect(second).not.toBe(first);
    const known = async (now: number) =>
      (await keys.publicKeys(now)).map(({ kid }) => kid);
    // What was signed last with the first one is good for ten minutes.
    expect(await known(start + HOUR + 600_000)).toEqual(
      expect.arrayContaining([first, second]),
    );
    expect(await known(start + 2 * HOUR)).not.toContain(first);
    await keys.removeOver(start + 2 * HOUR);
    expect(await known(start)).not.toContain(first);
    expect(
      JSON.stringify(await portal.knex('agent_approval_keys')),
    ).not.toContain('"d\\"');
  });

  it('another process tells what one that stopped after its row has left untold', async () => {
    // Whoever is killed at this moment gets no further either.
    let wakeUp = () => {};
    const killed = new Promise<void>(resolve => {
      wakeUp = resolve;
    });
    publish.mockReturnValueOnce(killed);
    const body = call();
    const first = requests().requestToolCall(body, TOOLS);
    const written = () => portal.knex('agent_approval_news');
    await waitFor(async () => (await written()).length === 1);
    const keep = () =>
      Promise.all(
        schedulers.map(scheduler => scheduler.triggerTask('keep-approvals')),
      );
    const makeDue = () => written().update({ due_at: Date.now() });
    await keep();
    expect(send).not.toHaveBeenCalled();
    await makeDue();
    send.mockRejectedValueOnce(new Error('Away.'));
    await keep();
    await makeDue();
    await keep();
    // Once in vain, once for good; the log has it once.
    expect(send).toHaveBeenCalledTimes(2);
    const { id } = await requests().requestToolCall(body, TOOLS);
    expect(send.mock.lastCall[0]).toMatchObject({
      recipients: { entityRef: ['group:default/care'] },
      payload: { link: `/approvals/${id}` },
    });
    expect(entries.map(({ action }) => action)).toEqual(['approval.request']);
    expect(await written()).toEqual([]);
    // Nobody is told of it for ever where notifications are not installed.
    send.mockRejectedValue(new Error('Away.'));
    await ask();
    for (let i = 0; i < 7; i++) {
      await makeDue();
      await keep();
    }
    expect(await written()).toEqual([]);
    send.mockReset();
    // The log gets everything, however long it is away, and people do not wait for it.
    entries.length = 0;
    auditIsAway = true;
    await ask();
    for (let i = 0; i < 7; i++) {
      await makeDue();
      await keep();
    }
    expect(send).toHaveBeenCalledTimes(1);
    expect(await written()).toHaveLength(1);
    auditIsAway = false;
    await makeDue();
    await keep();
    expect(entries.map(({ action }) => action)).toEqual(['approval.request']);
    expect(await written()).toEqual([]);
    wakeUp();
    await first;
  });

  it('what nobody waits for any more is withdrawn, and says so', async () => {
    const delegation = {
      agent_ref: DESK,
      started_by: DANA,
      task_id: 't',
      created_at: 1,
      expires_at: Date.now() + 60_000,
    };
    const [root, child] = [randomUUID(), randomUUID()];
    await portal.knex('agent_delegations').insert([
      { ...delegation, id: root, root_id: root, depth: 0, ancestors: '[]' },
      {
        ...delegation,
        id: child,
        root_id: root,
        parent_id: root,
        depth: 1,
        ancestors: JSON.stringify([[root, DESK]]),
        // A step that waits lets its part of the work go, and gets another one.
        ended_at: 2,
      },
    ]);
    const ofRun = await ask({ delegationId: child });
    const ofProgram = await ask({ delegationId: child, runId: undefined });
    const keep = () => schedulers[0].triggerTask('keep-approvals');
    const outcomes = async () =>
      Object.fromEntries(
        (await requests().queryApprovals([ofRun.id, ofProgram.id], RUNS)).map(
          ({ id, status, reason }) => [id, { status, reason }],
        ),
      );
    await keep();
    expect(await outcomes()).toMatchObject({
      [ofRun.id]: { status: 'pending' },
    });
    await portal.knex('agent_delegations').where({ id: root }).update({
      ended_at: 3,
    });
    await keep();
    expect(await outcomes()).toMatchObject({
      [ofRun.id]: {
        status: 'withdrawn',
        reason: expect.stringContaining('so nobody waits for it'),
      },
      // It comes back with other work.
      [ofProgram.id]: { status: 'pending' },
    });
  });

  it('shows those to whom requests are handed on how others decide', async () => {
    for (let i = 0; i < 10; i++) {
      await approve((await ask()).id, LEA);
    }
    expect(await refused(inbox().listApprovers(by(LEA)))).toMatchObject({
      status: 403,
    });
    expect((await inbox().getSummary(by(LEA))).decided.warning).toContain(
      'You approved',
    );
    expect((await inbox().getSummary(by(OMAR))).seesApprovers).toBe(true);
    const { items } = await inbox().listApprovers(by(OMAR));
    expect(items[0]).toMatchObject({ ref: LEA, isHasty: true });
    expect(items[0].medianSeconds).toBeLessThan(5);
    expect(items.map(({ ref }) => ref)).toContain(MAX);
  });

  it('keeps what requests are about when its database is taken down by a step, and up again', async () => {
    const { id } = await ask();
    const knex = await databases.init(databaseId);
    const migrations = { directory: MIGRATIONS_DIRECTORY };
    await knex.migrate.latest(migrations);
    const [row] = await portal.knex('agent_approvals').where({ id });
    await knex('agent_approvals').insert(row);
    const store = new ApprovalStore(knex);
    const before = await store.byIds([id]);
    while (await knex.schema.hasColumn('agent_approvals', 'content')) {
      await knex.migrate.down(migrations);
    }
    // As it was written then.
    await knex('agent_approvals').update({
      details: JSON.stringify({
        ...before[0].details,
        editedBy: LEA,
        delegationId: 'work-1',
        decisions: [
          { by: LEA, at: 5, decision: 'reject', digest: 'x', refs: [] },
          { by: MAX, at: 6, decision: 'answer', digest: 'x', refs: [] },
        ],
      }),
    });
    await knex.migrate.latest(migrations);
    const [{ delegationId, details }] = await store.byIds([id]);
    expect(details).toMatchObject({
      ...before[0].details,
      decisions: [{}, {}],
    });
    expect(delegationId).toBe('work-1');
    const [{ was_changed }] = await knex('agent_approvals').where({ id });
    expect(Boolean(was_changed)).toBe(true);
    expect(await store.decisionsSince(0, { limit: 9 })).toMatchObject([
      { by: LEA, at: 5, decision: 'reject', askedAt: before[0].createdAt },
    ]);
  });

  it('forgets what has been over for long, and nothing else', async () => {
    const store = new ApprovalStore(portal.knex);
    const { id: open } = await ask();
    const { id: over } = await ask();
    await requests().withdraw(over, 'Enough.', RUNS);
    await portal
      .knex('agent_approvals')
      .where({ id: over })
      .update({ closed_at: 1 });
    expect(await store.removeClosedBefore(2, 100)).toBe(1);
    expect((await store.byIds([open, over])).map(({ id }) => id)).toEqual([
      open,
    ]);
    expect(
      await portal.knex('agent_approval_parties').where('approval_id', over),
    ).toEqual([]);
  });
});

it('a pattern that never ends costs one process and not the portal', async () => {
  const forms = new FormWorkers();
  try {
    const form = { properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    await expect(
      forms.require({ form, values: { a: `${'a'.repeat(60)}!` } }, DANA),
    ).rejects.toMatchObject({
      // On a machine that has no time for it nobody can say that it is the form.
      name: expect.stringMatching(/^(Input|ServiceUnavailable)Error$/),
    });
    await forms.require({ form, values: { a: 'aaa' } }, DANA);
  } finally {
    await forms.close();
  }
});

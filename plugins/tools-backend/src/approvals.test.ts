// Calls that people approve, with the real agents plugin, over HTTP and MCP.
import {
  ApprovalRequestsClient,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import { auditLogServiceRef } from '@agentportal/plugin-agents-node';
import { passTime } from '@agentportal/plugin-agents-node/testUtils';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import {
  TOOL_META_APPROVAL,
  TOOL_META_GRANT,
  TOOL_META_IDEMPOTENCY_KEY,
  TOOL_META_REFUSED_BY,
} from '@agentportal/plugin-tools-common';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import request from 'supertest';
import { v2Server } from './__testUtils__/mcpServers';
import { api, startTools } from './__testUtils__/startTools';

jest.setTimeout(60_000);

const LEA = 'user:default/lea';
/** Gateways look every two seconds. */
const SEEN_WITHIN_MS = 2_100;

const tools = [
  {
    name: 'refund',
    description: 'Pays money back',
    inputSchema: {
      type: 'object',
      required: ['amount'],
      properties: { amount: { type: 'number' } },
    },
    annotations: { destructiveHint: false, openWorldHint: true },
  },
];
const agent = (name: string, spec: object): Entity => ({
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name, namespace: 'default', title: name },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'group:default/care',
    autonomy: 'supervised',
    tools: ['crm.refund'],
    ...spec,
  },
});

describe('calls that an agent may not make alone', () => {
  let portal: Awaited<ReturnType<typeof startTools>>;
  let called: unknown[] = [];
  /** As if the agents plugin had much to do. */
  let isSlow: Promise<void> | undefined;
  /** What the gateway told of calls. */
  const told: AuditRecord[] = [];
  const tell = (record: AuditRecord) => {
    if (record.action === 'tool.call') {
      told.push(record);
    }
  };

  const refresh = () =>
    request(portal.server)
      .post('/api/tools/servers/refresh')
      .set('authorization', mockCredentials.user.header(LEA))
      .send({})
      .expect(200);

  beforeAll(async () => {
    const crm = await v2Server({
      tools,
      call: (name, args) => {
        called.push([name, args, told.map(({ outcome }) => outcome)]);
        return { content: [{ type: 'text', text: 'Paid.' }] };
      },
    });
    portal = await startTools({
      entities: [
        api('crm', crm.url),
        agent('desk', {}),
        agent('clock', { identity: 'own' }),
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Group',
          metadata: { name: 'care', namespace: 'default' },
          spec: { type: 'team', children: [] },
          relations: [{ type: 'hasMember', targetRef: LEA }],
        },
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'User',
          metadata: { name: 'lea', namespace: 'default' },
          spec: { memberOf: ['care'] },
          relations: [{ type: 'memberOf', targetRef: 'group:default/care' }],
        },
      ],
      features: [
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({
            record: async record => {
              tell(record);
              if (record.action === 'approval.request') {
                await isSlow;
              }
            },
            note: async record => tell(record),
          }),
        }),
      ],
    });
    await refresh();
  });
  afterAll(() => portal.stop());
  beforeEach(() => {
    called = [];
    told.length = 0;
  });

  const connection = {
    discoveryApi: {
      getBaseUrl: async (id: string) => portal.baseUrl.replace('tools', id),
    },
    fetchApi: { fetch },
  };
  const runOf = (taskId = 'run-1') =>
    portal.runOf('agent:default/desk', undefined, taskId);

  async function call(
    headers: Record<string, string>,
    amount: number,
    {
      key = 'call-1',
      grant,
      note,
    }: { key?: string; grant?: string; note?: string } = {},
  ): Promise<CallToolResult> {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${portal.baseUrl}/mcp`), {
        requestInit: { headers },
      }),
    );
    const result = await client.callTool({
      name: 'crm.refund',
      arguments: { amount, ...(note && { note }) },
      _meta: {
        [TOOL_META_IDEMPOTENCY_KEY]: key,
        ...(grant && { [TOOL_META_GRANT]: grant }),
      },
    });
    await client.close();
    return result;
  }
  const textOf = ({ content }: CallToolResult) =>
    (content[0] as { text: string }).text;
  const askedIn = ({ _meta }: CallToolResult) =>
    _meta![TOOL_META_APPROVAL] as { id: string; digest: string };

  async function approve(id: string, args?: { amount: number }): Promise<void> {
    const inbox = new ApprovalsClient(connection);
    const by = { token: mockCredentials.user.token(LEA) };
    const { digest } = await inbox.getApproval(id, by);
    await inbox.decide(
      id,
      { decision: 'approve', digest, ...(args && { args }) },
      by,
    );
  }
  async function grantOf(id: string): Promise<string> {
    const { grant } = await new ApprovalRequestsClient(connection).mintGrant(
      id,
      {
        token: mockCredentials.service.token({
          onBehalfOf: mockCredentials.service('plugin:orchestration'),
          targetPluginId: 'agents',
        }),
      },
    );
    return grant;
  }
  /** Asks about a call, and gives the grant of it. */
  async function approved(
    headers: Record<string, string>,
    amount: number,
    key: string,
  ): Promise<string> {
    const { id } = askedIn(await call(headers, amount, { key }));
    await approve(id);
    return grantOf(id);
  }

  it('are asked about once, also where the answer takes its time', async () => {
    let goOn = () => {};
    isSlow = new Promise(resolve => {
      goOn = resolve;
    });
    const asked = await call(await runOf('run-slow'), 7, { key: 'slow' });
    goOn();
    isSlow = undefined;
    const { items } = await new ApprovalsClient(connection).listApprovals(
      { view: 'all', limit: 100 },
      { token: mockCredentials.user.token(LEA) },
    );
    expect(
      items.filter(({ runId }) => runId === 'run-slow').map(({ id }) => id),
    ).toEqual([askedIn(asked).id]);
  });

  it('are asked about, and made once with the grant of exactly that call', async () => {
    const run = await runOf();
    const asked = await call(run, 340);
    expect(asked).toMatchObject({
      isError: true,
      _meta: {
        [TOOL_META_REFUSED_BY]: ['built-in#autonomy'],
        [TOOL_META_APPROVAL]: {
          status: 'pending',
          title: expect.stringContaining('340'),
          askedOf: ['group:default/care', 'group:default/sales'],
        },
      },
    });
    expect(textOf(asked)).toMatch(
      /^desk is on supervised.* group:default\/care, group:default\/sales were asked \(approval .*exactly the same call goes through, once\.$/,
    );
    const { id } = askedIn(asked);
    // However often it is tried, it is one request.
    expect(askedIn(await call(run, 340)).id).toBe(id);
    expect(told).toMatchObject([
      { outcome: 'denied', data: { approval: { id, status: 'pending' } } },
      { outcome: 'denied' },
    ]);
    await approve(id);
    const grant = await grantOf(id);

    for (const [headers, amount, bad, why] of [
      [run, 341, grant, /for another call/],
      [await runOf('run-2'), 340, grant, /for another run/],
      [run, 340, `${grant.slice(0, -8)}AAAAAAAA`, /is not good/],
    ] as const) {
      const refused = await call(headers, amount, { grant: bad });
      expect([refused.isError, textOf(refused)]).toEqual([
        true,
        expect.stringMatching(why),
      ]);
    }
    expect(called).toEqual([]);

    told.length = 0;
    expect(textOf(await call(run, 340, { grant }))).toBe('Paid.');
    // The log knew of it before the tool did.
    expect(called).toEqual([['refund', { amount: 340 }, ['started']]]);
    expect(told).toMatchObject([
      {
        outcome: 'started',
        ruleIds: expect.arrayContaining(['built-in#approval']),
        data: { approval: { id, approvers: [LEA] } },
      },
      { outcome: 'succeeded', data: { approval: { id } } },
    ]);
    const again = await call(run, 340, { grant });
    expect([again.isError, textOf(again)]).toEqual([
      true,
      expect.stringMatching(/used|redeemed/),
    ]);
    expect(called).toHaveLength(1);
  });

  it('are made once when a program repeats what was approved, and asked about anew then', async () => {
    const program = {
      Authorization: mockCredentials.user.header('agent:default/clock'),
    };
    // What a program says of keys and runs is not believed.
    const asked = askedIn(await call(program, 50, { key: 'a' }));
    expect(askedIn(await call(program, 50, { key: 'b' })).id).toBe(asked.id);
    await approve(asked.id);
    expect(textOf(await call(program, 50))).toBe('Paid.');
    const next = askedIn(await call(program, 50));
    expect(next.digest).toBe(asked.digest);
    expect(next.id).not.toBe(asked.id);
    expect(called).toHaveLength(1);
  });

  it('are made by a program as people changed them, once it is told', async () => {
    const program = {
      Authorization: mockCredentials.user.header('agent:default/clock'),
    };
    const { id } = askedIn(await call(program, 90));
    await approve(id, { amount: 80 });
    const told80 = await call(program, 90);
    expect([told80.isError, textOf(told80)]).toEqual([
      true,
      `${LEA} approved it with amount 80 instead of 90. Call crm.refund with exactly these arguments instead: {"amount":80}`,
    ]);
    expect(textOf(await call(program, 80))).toBe('Paid.');
    // For either it is asked anew then.
    expect(askedIn(await call(program, 80)).id).not.toBe(id);
    expect(askedIn(await call(program, 90)).id).not.toBe(id);
    expect(called).toHaveLength(1);
  });

  it('are refused where they hold more than anybody reads, and nobody is asked', async () => {
    const refused = await call(await runOf('run-5'), 5, {
      note: 'x'.repeat(200_000),
    });
    expect(refused._meta).not.toHaveProperty([TOOL_META_APPROVAL]);
    expect(textOf(refused)).toMatch(
      /Nobody was asked, because the arguments of crm\.refund are 196 kB, and people are asked about 64 kB at most/,
    );
  });

  it('are not approved by whoever started the work, although it is done for nobody', async () => {
    const own = await portal.runOf('agent:default/clock', undefined, 'own-1', {
      personRef: undefined,
      startedBy: LEA,
    });
    const { id } = askedIn(await call(own, 70));
    await expect(approve(id)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('You asked for this') },
    });
  });

  it('send the user of a client that can show pages to the request, once', async () => {
    const shown: unknown[] = [];
    const client = new Client(
      { name: 'test', version: '1' },
      {
        versionNegotiation: { mode: 'auto' },
        capabilities: { elicitation: { url: {} } },
      },
    );
    const isApproving = [true, false];
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      shown.push(params);
      const { url } = params as { url: string };
      if (isApproving.shift()) {
        await approve(url.slice(url.lastIndexOf('/') + 1));
      }
      return { action: 'accept' };
    });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${portal.baseUrl}/mcp`), {
        requestInit: {
          headers: {
            Authorization: mockCredentials.user.header('agent:default/clock'),
          },
        },
      }),
    );
    const refund = () =>
      client.callTool({ name: 'crm.refund', arguments: { amount: 60 } });
    expect(textOf(await refund())).toBe('Paid.');
    expect(await refund()).toMatchObject({ isError: true });
    expect(shown).toMatchObject([
      {
        mode: 'url',
        url: expect.stringMatching(/^http:\/\/localhost\/approvals\//),
      },
      { mode: 'url' },
    ]);
    expect(called).toHaveLength(1);
    await client.close();
  });

  it('are made where rules count them too', async () => {
    const program = {
      Authorization: mockCredentials.user.header('agent:default/clock'),
    };
    await request(portal.server)
      .put('/api/agents/rules/portal/test')
      .set('authorization', mockCredentials.user.header(LEA))
      .send({
        text: '@id("sum") @reason("500 in all.") forbid(principal, action, resource == Tool::"tool:default/crm.refund") when { context.session.sums["tool:default/crm.refund"]["amount"].hour.greaterThan(decimal("500.0")) };',
        comment: 'For a test',
      })
      .expect(200);
    passTime(SEEN_WITHIN_MS);
    const { id } = askedIn(await call(program, 30));
    await approve(id);
    expect(textOf(await call(program, 30))).toBe('Paid.');
  });

  it('are not made when rules or the tool have changed since', async () => {
    const run = await runOf('run-3');
    const first = await approved(run, 10, 'rules');
    await request(portal.server)
      .put('/api/agents/rules/portal/test')
      .set('authorization', mockCredentials.user.header(LEA))
      .send({
        text: '@id("none") @reason("No refunds today.") forbid(principal, action, resource == Tool::"tool:default/crm.refund") when { context.args.amount.greaterThan(decimal("5.0")) };',
        comment: 'For a test',
      })
      .expect(200);
    passTime(SEEN_WITHIN_MS);
    // No approval stands over a rule, and nobody is asked for one.
    const forbidden = await call(run, 10, { key: 'rules', grant: first });
    expect(textOf(forbidden)).toBe('No refunds today.');
    expect(forbidden._meta).not.toHaveProperty([TOOL_META_APPROVAL]);
    expect((await call(run, 10, { key: 'new' }))._meta).not.toHaveProperty([
      TOOL_META_APPROVAL,
    ]);

    const second = await approved(run, 4, 'tool');
    tools[0].description = 'Pays money back to anybody';
    await refresh();
    expect(textOf(await call(run, 4, { key: 'tool', grant: second }))).toMatch(
      /its tool or the rules have changed since/,
    );
    expect(called).toEqual([]);
  });
});

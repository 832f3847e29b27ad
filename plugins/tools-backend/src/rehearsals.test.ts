// Rehearsed calls over HTTP and MCP, with a server that counts what reaches it.
import {
  type AgentEntity,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import {
  auditLogServiceRef,
  REHEARSAL_HEADER,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import {
  TOOL_META_REHEARSAL,
  TOOL_META_REHEARSED,
} from '@agentportal/plugin-tools-common';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import request from 'supertest';
import { v2Server } from './__testUtils__/mcpServers';
import { api, startTools } from './__testUtils__/startTools';

jest.setTimeout(60_000);
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const ADA = mockCredentials.user.header('user:default/ada');
const TIERS = {
  find: 'read',
  tag: 'write',
  rename: 'write',
  refund: 'external',
  close: 'critical',
  destroy: 'forbidden',
};
const DONE = {
  type: 'object',
  required: ['ticket'],
  properties: { ticket: { type: 'integer', minimum: 7 } },
};
const agent = (name: string, spec: object): AgentEntity => ({
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name, namespace: 'default' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'group:default/care',
    sponsor: 'user:default/ada',
    autonomy: 'autopilot',
    tools: Object.keys(TIERS).map(tool => `crm.${tool}`),
    ...spec,
  },
});

describe.each(databases.eachSupportedId())('rehearsed calls on %s', id => {
  let portal: Awaited<ReturnType<typeof startTools>>;
  const reached: string[] = [];
  const told: AuditRecord[] = [];

  beforeAll(async () => {
    const server = await v2Server({
      tools: Object.keys(TIERS).map(name => ({
        name,
        inputSchema: {
          type: 'object',
          properties: { order: { type: 'string' } },
        },
        ...(name === 'rename' && { outputSchema: DONE }),
      })),
      call: name => {
        reached.push(name);
        return {
          content: [{ type: 'text', text: 'Really.' }],
          ...(name === 'rename' && { structuredContent: { ticket: 99 } }),
        };
      },
    });
    const tell = async (record: AuditRecord) => {
      if (record.action === 'tool.call') {
        told.push(record);
      }
    };
    portal = await startTools({
      entities: [
        api('crm', server.url),
        agent('pilot', {}),
        agent('counted', {}),
        agent('desk', { autonomy: 'supervised' }),
        agent('shy', { tools: ['crm.find'] }),
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'User',
          metadata: { name: 'mock', namespace: 'default' },
        },
      ],
      config: { servers: { crm: { url: server.url, riskTiers: TIERS } } },
      knex: await databases.init(id),
      features: [
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({ record: tell, note: tell }),
        }),
      ],
    });
    await request(portal.server)
      .post('/api/tools/servers/refresh')
      .set('authorization', ADA)
      .send({})
      .expect(200);
    await request(portal.server)
      .put('/api/agents/rules/portal/test')
      .set('authorization', ADA)
      .send({
        text: '@id("two") @reason("Two an hour.") forbid(principal == Agent::"agent:default/counted", action, resource == Tool::"tool:default/crm.tag") when { context.session.calls["tool:default/crm.tag"].hour > 2 };',
        comment: 'For a test',
      })
      .expect(200);
  });
  afterAll(() => portal?.stop());
  beforeEach(() => {
    reached.length = 0;
    told.length = 0;
  });

  let runs = 0;
  const runOf = (name: string) =>
    portal.runOf(`agent:default/${name}`, undefined, `run-${(runs += 1)}`);
  const call = async (
    headers: Record<string, string>,
    tool: string,
    args: object = {},
  ) => {
    const { status, body } = await request(portal.server)
      .post(`/api/tools/tools/crm.${tool}/call`)
      .set(headers)
      .send({ arguments: args });
    return { status, ...body };
  };
  async function callByMcp(
    headers: Record<string, string>,
    tool: string,
    args: object,
    meta: object,
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
      name: `crm.${tool}`,
      arguments: { ...args },
      _meta: { ...meta },
    });
    await client.close();
    return result;
  }
  const rehearsal = { [REHEARSAL_HEADER]: 'false' };

  it('reach no tool that does more than read, whoever calls', async () => {
    const answers = [];
    for (const headers of [await runOf('pilot'), { authorization: ADA }]) {
      for (const tool of Object.keys(TIERS)) {
        answers.push(await call({ ...headers, ...rehearsal }, tool));
      }
    }
    expect(reached).toEqual(['find', 'find']);
    const [find, tag, rename, refund, close, destroy] = answers;
    expect(find).not.toHaveProperty('rehearsed');
    for (const answer of [tag, refund, close]) {
      expect(answer).toMatchObject({
        isError: false,
        rehearsed: { answeredBy: 'sentence' },
        content: [{ text: expect.stringContaining('was not called') }],
      });
    }
    expect(rename).toMatchObject({
      rehearsed: { answeredBy: 'schema' },
      structuredContent: { ticket: 7 },
    });
    expect(destroy.status).toBe(403);
    expect(
      told.slice(1, 5).map(({ outcome, data }) => [outcome, data?.rehearsed]),
    ).toMatchObject([
      ['succeeded', { answeredBy: 'sentence' }],
      ['succeeded', { answeredBy: 'schema' }],
      ['succeeded', { answeredBy: 'sentence' }],
      // Each of them is for people, and in a rehearsal for nobody.
      ['succeeded', { wouldWait: { reason: expect.any(String) } }],
    ]);
    const { body } = await request(portal.server)
      .get('/api/tools/tools/crm.refund')
      .set('authorization', ADA);
    expect(body.stats30d).toEqual({ calls: 0, errors: 0, rehearsed: 2 });
  });

  it('are refused as calls are', async () => {
    const run = { ...(await runOf('shy')), ...rehearsal };
    expect((await call(run, 'refund')).status).toBe(403);
    expect((await call(run, 'find', { order: 7 })).status).toBe(400);
    expect(reached).toEqual([]);
  });

  it('say who would have been asked, and ask nobody', async () => {
    const run = await runOf('desk');
    const rehearsed = await call({ ...run, ...rehearsal }, 'refund');
    expect(rehearsed.rehearsed).toEqual({
      answeredBy: 'sentence',
      wouldWait: {
        reason: expect.stringContaining('supervised'),
        askedOf: ['group:default/care', 'group:default/sales'],
      },
    });
    expect(told).toMatchObject([
      { outcome: 'succeeded', data: { rehearsed: rehearsed.rehearsed } },
    ]);
    const approvals = new ApprovalsClient({
      discoveryApi: {
        getBaseUrl: async (plugin: string) =>
          portal.baseUrl.replace('tools', plugin),
      },
      fetchApi: { fetch },
    });
    const { items } = await approvals.listApprovals(
      { view: 'all' },
      { token: ADA.replace('Bearer ', '') },
    );
    expect(items).toEqual([]);
    expect(reached).toEqual([]);
  });

  it('are answered as they were told to be, which alone makes a call one', async () => {
    const run = await runOf('pilot');
    const answers = [
      { tool: 'crm.find', arguments: { order: 'a' }, returns: 'Sent.' },
      { tool: 'tool:default/crm.tag', returns: { tagged: true } },
      { tool: 'crm.tag', returns: 'Never.' },
    ];
    const meta = { [TOOL_META_REHEARSAL]: { answers } };
    expect([
      await callByMcp(run, 'find', { order: 'a' }, meta),
      await callByMcp(run, 'find', { order: 'b' }, meta),
      await callByMcp(run, 'tag', { order: 'a' }, meta),
      await callByMcp(run, 'refund', {}, { [TOOL_META_REHEARSAL]: 'no' }),
    ]).toMatchObject([
      { content: [{ text: 'Sent.' }] },
      { content: [{ text: 'Really.' }] },
      {
        structuredContent: { tagged: true },
        _meta: { [TOOL_META_REHEARSED]: { answeredBy: 'given' } },
      },
      { _meta: { [TOOL_META_REHEARSED]: { answeredBy: 'sentence' } } },
    ]);
    expect(reached).toEqual(['find']);
  });

  it('count for the rules in their own run, and for nobody else', async () => {
    const first = { ...(await runOf('counted')), ...rehearsal };
    const other = { ...(await runOf('counted')), ...rehearsal };
    const real = await runOf('counted');
    const statuses = [];
    for (const headers of [first, first, first, other, real, real, real]) {
      statuses.push((await call(headers, 'tag')).status);
    }
    expect(statuses).toEqual([200, 200, 403, 200, 200, 200, 403]);
    expect(reached).toEqual(['tag', 'tag']);
    // What really happened is counted in a rehearsal too.
    expect((await call(other, 'tag')).status).toBe(403);
  });
});

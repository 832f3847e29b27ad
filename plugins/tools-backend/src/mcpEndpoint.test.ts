import { mockCredentials } from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  TOOL_META_SECRET,
  toolCallPermission,
} from '@agentportal/plugin-tools-common';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import request from 'supertest';
import {
  cancelOrder,
  findOrder,
  plain,
  v1Server,
  v2Server,
} from './__testUtils__/mcpServers';
import { policy } from './__testUtils__/policy';
import { api, startTools, TRUSTED } from './__testUtils__/startTools';
import { createToolConditionalDecision, toolConditions } from './index';

jest.setTimeout(60_000);

const guest = 'user:default/guest';
const asUser = { Authorization: mockCredentials.user.header() };
const asService = { Authorization: mockCredentials.service.header() };
const asGuest = { Authorization: mockCredentials.user.header(guest) };

/** A guest may call what only reads; everybody else everything. */
const readOnlyGuests = policy((permission, userRef) =>
  permission === 'tools.tool.call' && userRef === guest
    ? createToolConditionalDecision(
        toolCallPermission,
        toolConditions.hasRiskTier({ tiers: ['read'] }),
      )
    : { result: AuthorizeResult.ALLOW },
);

const agent: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'care', namespace: 'default', title: 'Customer care' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'care',
    autonomy: 'copilot',
    tools: ['orders.find_order', 'orders.cancel_order'],
  },
};

describe('MCP endpoint', () => {
  let baseUrl: string;
  let server: Awaited<ReturnType<typeof startTools>>['server'];
  let runOf: Awaited<ReturnType<typeof startTools>>['runOf'];
  const open: Array<{ close(): Promise<void> }> = [];

  beforeAll(async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    const people = await v1Server({
      tools: [
        {
          name: 'find_person',
          description: 'Finds a person',
          inputSchema: { type: 'object' },
          annotations: { readOnlyHint: true },
        },
      ],
    });
    ({ baseUrl, server, runOf } = await startTools({
      entities: [
        api('orders', orders.url),
        api('people', people.url),
        agent,
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Tool',
          metadata: {
            name: 'people.find_person',
            namespace: 'default',
            annotations: { [ANNOTATION_ORIGIN_LOCATION]: TRUSTED },
          },
          spec: {
            type: 'mcp',
            lifecycle: 'production',
            owner: 'hr',
            riskTier: 'forbidden',
            providedBy: 'people',
            toolName: 'find_person',
          },
        },
      ],
      features: [readOnlyGuests],
    }));
    await request(server)
      .post('/api/tools/servers/refresh')
      .set(asUser)
      .expect(200);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(client => client.close()));
  });

  async function v2(headers: Record<string, string>) {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${baseUrl}/mcp`), {
        requestInit: { headers },
      }),
    );
    open.push(client);
    return client;
  }

  async function v1(headers: Record<string, string>) {
    const client = new V1Client({ name: 'test', version: '1' });
    await client.connect(
      new V1Transport(new URL(`${baseUrl}/mcp`), { requestInit: { headers } }),
    );
    open.push(client);
    return client;
  }

  it.each([
    ['v2', v2],
    ['v1', v1],
  ])('lists and calls for the official %s client', async (_name, connect) => {
    const client = (await connect(asUser)) as Client;
    const { tools } = await client.listTools();
    expect(tools.map(tool => tool.name)).toEqual([
      'orders.cancel_order',
      'orders.find_order',
    ]);
    expect(tools[1]).toMatchObject({
      title: 'Find an order',
      inputSchema: findOrder.inputSchema,
      annotations: { readOnlyHint: true },
      _meta: {
        'agentportal.dev/ref': 'tool:default/orders.find_order',
        'agentportal.dev/risk-tier': 'read',
      },
    });
    const result = await client.callTool({
      name: 'orders.find_order',
      arguments: { orderId: '7' },
    });
    expect(result.isError).toBe(false);
    expect(result.content).toEqual([
      { type: 'text', text: 'find_order {"orderId":"7"}' },
    ]);
  });

  it('negotiates the newest revision and marks lists as private', async () => {
    const client = await v2(asUser);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect(await client.listTools()).toMatchObject({
      ttlMs: 5000,
      cacheScope: 'private',
    });
  });

  it('lists for a person only what that person may call', async () => {
    const client = await v2(asGuest);
    const { tools } = await client.listTools();
    expect(tools.map(tool => tool.name)).toEqual(['orders.find_order']);
    const denied = await client.callTool({
      name: 'orders.cancel_order',
      arguments: {},
    });
    expect(denied).toMatchObject({
      isError: true,
      content: [
        {
          text: 'user:default/guest has no permission (tools.tool.call) to call orders.cancel_order, a tool with risk tier critical of group:default/sales. Ask its owner, or the people who run the portal.',
        },
      ],
    });

    const seen = await request(server)
      .get('/api/tools/tools/orders.cancel_order')
      .set(asGuest);
    expect(seen.body).toMatchObject({
      allowed: false,
      deniedReason: expect.stringContaining('no permission'),
    });
    await request(server)
      .post('/api/tools/tools/orders.cancel_order/call')
      .set(asGuest)
      .send({ arguments: {} })
      .expect(403);
  });

  it('says what is wrong with arguments', async () => {
    const client = await v2(asUser);
    const result = await client.callTool({
      name: 'orders.find_order',
      arguments: { limit: 'ten', colour: 'red' },
    });
    expect(result).toMatchObject({
      isError: true,
      content: [
        {
          text: 'The arguments do not fit orders.find_order: "orderId" is missing.',
        },
      ],
    });
    await request(server)
      .post('/api/tools/tools/orders.find_order/call')
      .set(asUser)
      .send({ arguments: {} })
      .expect(400);
    await expect(
      client.callTool({ name: 'orders.nope', arguments: {} }),
    ).rejects.toThrow('There is no tool "orders.nope"');
    await request(server)
      .post('/api/tools/tools/orders.nope/call')
      .set(asUser)
      .send({ arguments: {} })
      .expect(404);
  });

  it('bounds an agent by its declaration and autonomy', async () => {
    const client = await v2(await runOf('agent:default/care'));
    const { tools } = await client.listTools();
    expect(tools.map(tool => tool.name)).toEqual([
      'orders.cancel_order',
      'orders.find_order',
    ]);
    await expect(
      client.callTool({
        name: 'orders.find_order',
        arguments: { orderId: '1' },
      }),
    ).resolves.toMatchObject({ isError: false });
    await expect(
      client.callTool({ name: 'orders.cancel_order', arguments: {} }),
    ).resolves.toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('needs an approval') }],
    });

    await expect(
      v2({
        Authorization: mockCredentials.user.header('agent:default/ghost'),
      }),
    ).rejects.toThrow(/HTTP 403/);
  });

  it('believes no header about who calls', async () => {
    const client = await v2({
      'x-agent-portal-agent': 'agent:default/care',
      'x-agent-portal-run': 'run-1',
      ...asUser,
    });
    expect((await client.listTools()).tools).toHaveLength(2);
  });

  it('lets no one call a forbidden tool, and shows who owns it', async () => {
    const tool = await request(server)
      .get('/api/tools/tools/people.find_person')
      .set(asUser);
    expect(tool.body).toMatchObject({
      riskTier: 'forbidden',
      ownerRef: 'group:default/hr',
      allowed: false,
      deniedReason:
        'people.find_person is forbidden: nobody may call it. Ask its owner group:default/hr.',
    });
  });

  it('lets a service read everything and call nothing', async () => {
    const client = await v2(asService);
    expect((await client.listTools()).tools).toHaveLength(2);
    await expect(
      client.callTool({
        name: 'orders.find_order',
        arguments: { orderId: '1' },
      }),
    ).resolves.toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('in its own name') }],
    });
  });

  it('refuses who is not signed in, and has no stream to GET', async () => {
    await request(server)
      .post('/api/tools/mcp')
      .set('Authorization', mockCredentials.none.header())
      .send({})
      .expect(401);
    const get = await request(server).get('/api/tools/mcp').set(asUser);
    expect(get.status).toBe(405);
  });

  it('gives results that are marked as secret to people, and not to agents', async () => {
    const content = [{ type: 'text' as const, text: 'the key is hush' }];
    const vault = await v2Server({
      tools: [
        { ...plain('whole'), annotations: { readOnlyHint: true } },
        { ...plain('part'), annotations: { readOnlyHint: true } },
      ],
      call: name =>
        name === 'whole'
          ? {
              content,
              structuredContent: { key: 'hush' },
              _meta: { [TOOL_META_SECRET]: true },
            }
          : {
              content: [{ ...content[0], _meta: { [TOOL_META_SECRET]: true } }],
            },
    });
    const tools = await startTools({
      entities: [
        api('vault', vault.url),
        {
          ...agent,
          spec: { ...agent.spec, tools: ['vault.whole', 'vault.part'] },
        },
      ],
    });
    await request(tools.server).post('/api/tools/servers/refresh').set(asUser);
    for (const name of ['vault.whole', 'vault.part']) {
      const call = (headers: Record<string, string>) =>
        request(tools.server)
          .post(`/api/tools/tools/${name}/call`)
          .set(headers)
          .send({ arguments: {} })
          .expect(200);
      const person = await call(asUser);
      expect(person.body.content[0].text).toContain('hush');
      const { body } = await call(await tools.runOf('agent:default/care'));
      expect(body).toMatchObject({
        isError: false,
        content: [{ text: expect.stringContaining('holds a secret') }],
      });
      expect(JSON.stringify(body)).not.toContain('hush');
    }
  });
});

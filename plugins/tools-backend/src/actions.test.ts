// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { Entity } from '@backstage/catalog-model';
import request from 'supertest';
import { cancelOrder, findOrder, v2Server } from './__testUtils__/mcpServers';
import { api, startTools, createRunOf } from './__testUtils__/startTools';
import toolsPlugin from './index';

jest.setTimeout(60_000);

const ann = 'user:default/ann';
const credentials = mockCredentials.user(ann);

describe('actions', () => {
  it('offers every operation, with truthful attributes', async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    const registry = actionsRegistryServiceMock();
    await startTools({
      entities: [api('orders', orders.url)],
      features: [
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) =>
            plugin.getId() === 'tools'
              ? registry
              : actionsRegistryServiceMock(),
        }),
      ],
    });
    const invoke = async (name: string, input: object = {}) =>
      (
        (await registry.invoke({
          id: `test:${name}`,
          input: input as never,
          credentials,
        })) as { output: any }
      ).output;

    const { actions } = await registry.list();
    expect(
      Object.fromEntries(actions.map(a => [a.name, a.attributes])),
    ).toEqual({
      'list-tools': { readOnly: true, destructive: false, idempotent: true },
      'get-tool': { readOnly: true, destructive: false, idempotent: true },
      'call-tool': { readOnly: false, destructive: true, idempotent: false },
      'list-tool-changes': {
        readOnly: true,
        destructive: false,
        idempotent: true,
      },
      'decide-tool-change': {
        readOnly: false,
        destructive: true,
        idempotent: true,
      },
      'list-tool-servers': {
        readOnly: true,
        destructive: false,
        idempotent: true,
      },
      'refresh-tool-servers': {
        readOnly: false,
        destructive: false,
        idempotent: true,
      },
    });

    const refreshed = await invoke('refresh-tool-servers', {
      serverRef: 'orders',
    });
    expect(refreshed.items).toMatchObject([{ name: 'orders', toolCount: 2 }]);
    expect(await invoke('list-tool-servers')).toEqual(refreshed);
    expect(
      (await invoke('list-tools', { query: 'cancel my order' })).items[0].name,
    ).toBe('orders.cancel_order');
    expect(
      (await invoke('get-tool', { name: 'orders.find_order' })).tool.riskTier,
    ).toBe('read');
    expect(
      await invoke('call-tool', {
        name: 'orders.find_order',
        arguments: { orderId: '9' },
      }),
    ).toMatchObject({
      isError: false,
      content: [{ type: 'text', text: 'find_order {"orderId":"9"}' }],
    });
    await expect(
      invoke('refresh-tool-servers', { serverRef: 'nope' }),
    ).rejects.toThrow('The catalog has no MCP server "nope"');
  });
});

describe("Backstage's own action server", () => {
  it('is asked in the name of the caller, and lends no tool that calls tools', async () => {
    const seen: string[] = [];
    const orders = await v2Server({ tools: [findOrder] });
    const actionsServer = createBackendPlugin({
      pluginId: 'mcp-actions',
      register(env) {
        env.registerInit({
          deps: {
            httpRouter: coreServices.httpRouter,
            httpAuth: coreServices.httpAuth,
          },
          async init({ httpRouter, httpAuth }) {
            const handler = toNodeHandler(
              createMcpHandler(() => {
                const mcp = new McpServer(
                  { name: 'actions', version: '1' },
                  { capabilities: { tools: {} } },
                );
                const { server } = mcp;
                const inputSchema = { type: 'object' as const };
                server.setRequestHandler('tools/list', () => ({
                  tools: [
                    {
                      name: 'catalog.get-entity',
                      inputSchema,
                      annotations: { readOnlyHint: true },
                    },
                    { name: 'orchestration.start-run', inputSchema },
                    { name: 'catalog.refresh-entity', inputSchema },
                    { name: 'tools.call-tool', inputSchema },
                    { name: 'tools.list-tools', inputSchema },
                  ],
                }));
                server.setRequestHandler('tools/call', () => ({
                  content: [{ type: 'text', text: 'done' }],
                }));
                return mcp;
              }),
            );
            httpRouter.use(async (req, res) => {
              const { principal } = await httpAuth.credentials(req);
              seen.push(
                `${req.header('mcp-method')} ${
                  (principal as any).userEntityRef ?? (principal as any).subject
                }`,
              );
              await handler(req, res);
            });
          },
        });
      },
    });
    const busy: Entity = {
      apiVersion: 'agentportal.dev/v1alpha1',
      kind: 'Agent',
      metadata: { name: 'busy', namespace: 'default' },
      spec: {
        type: 'assistant',
        lifecycle: 'production',
        owner: 'care',
        autonomy: 'autopilot',
        tools: [
          'backstage-actions.orchestration.start-run',
          'backstage-actions.catalog.get-entity',
          'backstage-actions.catalog.refresh-entity',
          'backstage-actions.tools.list-tools',
        ],
      },
    };
    // Its address is known only when the backend runs.
    const entity = api('backstage-actions', '');
    const { server } = await startTestBackend({
      features: [
        toolsPlugin,
        agentsPlugin,
        actionsServer,
        catalogServiceMock.factory({
          entities: [entity, busy, api('orders', orders.url)],
        }),
        mockServices.rootConfig.factory({
          data: {
            backend: {
              baseUrl: 'http://localhost',
              database: { client: 'better-sqlite3', connection: ':memory:' },
            },
            tools: {
              agentActions: ['catalog.refresh-entity'],
              servers: {
                orders: { url: orders.url },
                'backstage-actions': {
                  url: 'plugin://mcp-actions/v1',
                  riskTiers: {
                    'orchestration.start-run': 'write',
                    'catalog.refresh-entity': 'write',
                  },
                },
              },
            },
          },
        }),
      ],
    });
    (entity.spec as any).remotes[0].url = 'plugin://mcp-actions/v1';
    const header = { Authorization: mockCredentials.user.header(ann) };
    const refreshed = await request(server)
      .post('/api/tools/servers/refresh')
      .set(header)
      .expect(200);
    expect(refreshed.body.items).toMatchObject([
      { status: 'up', toolCount: 4 },
      { status: 'up', toolCount: 1 },
    ]);
    const servers = await request(server).get('/api/tools/servers').set(header);
    expect(servers.body.items.map(({ name }: any) => name)).toEqual([
      'orders',
      'backstage-actions',
    ]);
    // What the company has comes before what the portal brings, on every page.
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await request(server)
        .get('/api/tools/tools')
        .query({ limit: 2, ...(cursor ? { cursor } : {}) })
        .set(header)
        .expect(200);
      names.push(...page.body.items.map(({ name }: any) => name));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(names).toEqual([
      'orders.find_order',
      'backstage-actions.catalog.get-entity',
      'backstage-actions.catalog.refresh-entity',
      'backstage-actions.orchestration.start-run',
      'backstage-actions.tools.list-tools',
    ]);
    const called = await request(server)
      .post('/api/tools/tools/backstage-actions.catalog.get-entity/call')
      .set(header)
      .send({ arguments: {} });
    expect(called.body).toMatchObject({ isError: false });
    expect(seen).toContain('tools/list plugin:tools');
    expect(seen).toContain(`tools/call ${ann}`);
    expect(seen).not.toContain(`tools/list ${ann}`);

    // What starts, makes or reads more than the catalog is for people, whatever an
    // agent declares.
    const asAgent = await createRunOf(server)('agent:default/busy', ann);
    const start = '/api/tools/tools/backstage-actions.orchestration.start-run';
    for (const [path, headers, status] of [
      [start, header, 200],
      [start, asAgent, 403],
      [
        start.replace('orchestration.start-run', 'catalog.get-entity'),
        asAgent,
        200,
      ],
      [
        start.replace('orchestration.start-run', 'catalog.refresh-entity'),
        asAgent,
        200,
      ],
      // It reads, but not only what everybody may read.
      [
        start.replace('orchestration.start-run', 'tools.list-tools'),
        asAgent,
        403,
      ],
    ] as const) {
      await request(server)
        .post(`${path}/call`)
        .set(headers)
        .send({ arguments: {} })
        .expect(status);
    }
    const refused = await request(server).get(start).set(asAgent);
    expect(refused.body.deniedReason).toContain('is not for agents');
  });
});

import { mockCredentials } from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  TOPIC_CATALOG_CHANGED,
  TOPIC_TOOLS_CHANGED,
} from '@agentportal/plugin-agents-common';
import { createBackendPlugin } from '@backstage/backend-plugin-api';
import {
  eventsServiceFactory,
  eventsServiceRef,
  type EventsService,
} from '@backstage/plugin-events-node';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { cancelOrder, findOrder, v2Server } from './__testUtils__/mcpServers';
import { api, startTools, TRUSTED } from './__testUtils__/startTools';

jest.setTimeout(60_000);

function toolEntity(spec: object, origin: string = TRUSTED): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: {
      name: 'orders.find_order',
      namespace: 'default',
      annotations: { [ANNOTATION_ORIGIN_LOCATION]: origin },
    },
    spec: {
      type: 'mcp',
      lifecycle: 'production',
      owner: 'user:default/dana',
      riskTier: 'external',
      providedBy: 'orders',
      toolName: 'find_order',
      ...spec,
    },
  };
}

async function clientOf(entities: Entity[]) {
  const { baseUrl } = await startTools({ entities });
  const client = new ToolsClient({
    discoveryApi: { getBaseUrl: async () => baseUrl },
    fetchApi: { fetch },
  });
  return { client, options: { token: mockCredentials.user.token() } };
}

describe('what the catalog says', () => {
  it('lets a Tool that people wrote decide on owner and risk', async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    const entity = toolEntity({});
    const { client, options } = await clientOf([
      api('orders', orders.url),
      entity,
    ]);
    await client.refreshServers({}, options);
    expect(await client.getTool('orders.find_order', options)).toMatchObject({
      riskTier: 'external',
      ownerRef: 'user:default/dana',
      title: 'Find an order',
    });
    const external = await client.listTools({ riskTier: 'external' }, options);
    expect(external.totalItems).toBe(1);

    // It holds while the server is down too.
    entity.spec!.riskTier = 'forbidden';
    await orders.stop();
    for (let i = 0; i < 3; i++) {
      await client.refreshServers({ serverRef: 'orders' }, options);
    }
    expect(await client.getTool('orders.find_order', options)).toMatchObject({
      riskTier: 'forbidden',
      status: 'stale',
      allowed: false,
    });
  });

  it('does not take its own mirror in the catalog for the word of people', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const mirrored = toolEntity({}, 'agentportal:agentportal-tools');
    const { client, options } = await clientOf([
      api('orders', orders.url),
      mirrored,
    ]);
    await client.refreshServers({}, options);
    expect(await client.getTool('orders.find_order', options)).toMatchObject({
      riskTier: 'read',
      ownerRef: 'group:default/sales',
    });
  });

  it('reads the older shape, other namespaces, and what it cannot speak', async () => {
    const running = await v2Server({ tools: [findOrder] });
    const older = api('older', '');
    older.spec = {
      ...older.spec,
      remotes: undefined,
      definition: `name: older\nremotes:\n  - type: streamable-http\n    url: ${running.url}\n`,
    };
    const claims = api('Orders', running.url);
    claims.metadata.namespace = 'claims';
    const stdio = api('stdio', '');
    (stdio.spec as any).remotes = [{ type: 'stdio', url: 'npx server' }];
    const empty = api('empty', '');
    delete (empty.spec as any).remotes;
    const { client, options } = await clientOf([older, claims, stdio, empty]);

    const { items } = await client.refreshServers({}, options);
    expect(
      items.map(({ ref, name, status, toolCount }) => [
        ref,
        name,
        status,
        toolCount,
      ]),
    ).toEqual([
      ['api:claims/orders', 'claims.orders', 'up', 1],
      ['api:default/empty', 'empty', 'unknown', 0],
      ['api:default/older', 'older', 'up', 1],
      ['api:default/stdio', 'stdio', 'unknown', 0],
    ]);
    expect(items[1].error).toContain('does not say where the server is');
    expect(items[3].error).toContain('offers stdio');
    const { items: tools } = await client.listTools(
      { server: 'claims.orders' },
      options,
    );
    expect(tools).toMatchObject([
      {
        name: 'claims.orders.find_order',
        ref: 'tool:claims/orders.find_order',
        ownerRef: 'group:claims/sales',
      },
    ]);
    const first = await client.listServers({ limit: 3 }, options);
    const second = await client.listServers(
      { limit: 3, cursor: first.nextCursor },
      options,
    );
    expect(second.items.map(({ name }) => name)).toEqual(['stdio']);
    expect(second.nextCursor).toBeUndefined();
  });

  it('calls no tool of a server that left the catalog, and keeps it for a while', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const entities = [api('orders', orders.url), api('people', orders.url)];
    const { client, options } = await clientOf(entities);
    await client.refreshServers({}, options);
    // As a catalog that was just started, which has nothing yet.
    for (const entity of entities) {
      entity.spec!.type = 'openapi';
    }
    await client.refreshServers({}, options);
    expect(await client.listTools({}, options)).toMatchObject({
      totalItems: 2,
      items: [
        {
          name: 'orders.find_order',
          status: 'stale',
          statusReason: 'The catalog does not name the server orders any more.',
          allowed: false,
        },
        { name: 'people.find_order', status: 'stale' },
      ],
    });
    await expect(
      client.callTool('orders.find_order', { orderId: '1' }, options),
    ).rejects.toMatchObject({ statusCode: 404 });

    entities[0].spec!.type = 'mcp-server';
    await client.refreshServers({}, options);
    await expect(
      client.callTool('orders.find_order', { orderId: '1' }, options),
    ).resolves.toMatchObject({ isError: false });
  });

  it('hears of a change, and tells of its own', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const entity = toolEntity({ riskTier: 'write' });
    const entities = [api('orders', orders.url), entity];
    let events: EventsService;
    const told: string[] = [];
    const { baseUrl } = await startTools({
      entities,
      features: [
        eventsServiceFactory,
        createBackendPlugin({
          pluginId: 'catalog',
          register(env) {
            env.registerInit({
              deps: { service: eventsServiceRef },
              async init({ service }) {
                events = service;
                await service.subscribe({
                  id: 'test',
                  topics: [TOPIC_TOOLS_CHANGED],
                  onEvent: async ({ topic }) => void told.push(topic),
                });
              },
            });
          },
        }),
      ],
    });
    const client = new ToolsClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
      fetchApi: { fetch },
    });
    const options = { token: mockCredentials.user.token() };
    const change = async (ref: string, riskTier: string) => {
      await events.publish({
        topic: TOPIC_CATALOG_CHANGED,
        eventPayload: { entityRefs: [ref, 'group:default/sales'] },
      });
      for (let i = 0; i < 100; i++) {
        const { items } = await client.listTools({}, options);
        if (items[0]?.riskTier === riskTier) {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      throw new Error(`No tool became ${riskTier}`);
    };
    await change('api:default/orders', 'write');
    entity.spec!.riskTier = 'forbidden';
    await change('tool:default/orders.find_order', 'forbidden');
    expect(told).toHaveLength(2);
    // Nothing changed.
    await client.refreshServers({}, options);
    expect(told).toHaveLength(2);
  });
});

import request from 'supertest';
import { api, asUser, startTools } from './__testUtils__/startTools';
import {
  cancelOrder,
  findOrder,
  v1Server,
  v2Server,
} from './__testUtils__/mcpServers';

jest.setTimeout(60_000);

describe('tools backend', () => {
  it('reads the tools of servers of both eras and calls them', async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    const logistics = await v1Server({
      tools: [{ name: 'track', inputSchema: { type: 'object' } }],
    });
    const { server } = await startTools({
      entities: [api('orders', orders.url), api('logistics', logistics.url)],
    });

    const refreshed = await request(server)
      .post('/api/tools/servers/refresh')
      .set(asUser)
      .send({});
    expect(refreshed.body).toEqual({
      items: [
        expect.objectContaining({
          name: 'logistics',
          status: 'up',
          era: '2025-11-25',
          toolCount: 1,
        }),
        expect.objectContaining({
          ref: 'api:default/orders',
          name: 'orders',
          status: 'up',
          era: '2026-07-28',
          toolCount: 2,
        }),
      ],
    });

    const tools = await request(server).get('/api/tools/tools').set(asUser);
    expect(tools.status).toBe(200);
    expect(tools.body.totalItems).toBe(3);
    expect(
      tools.body.items.map((t: any) => [t.name, t.riskTier, t.allowed]),
    ).toEqual([
      ['logistics.track', 'critical', true],
      ['orders.cancel_order', 'critical', true],
      ['orders.find_order', 'read', true],
    ]);
    expect(tools.body.items[2]).toMatchObject({
      ref: 'tool:default/orders.find_order',
      title: 'Find an order',
      serverRef: 'api:default/orders',
      toolName: 'find_order',
      ownerRef: 'group:default/sales',
      status: 'available',
      annotations: { readOnlyHint: true },
    });
    // Schemas are large, and figures cost a query: both only where asked for.
    expect(tools.body.items[2]).not.toHaveProperty('inputSchema');
    expect(tools.body.items[2]).not.toHaveProperty('stats30d');
    const one = await request(server)
      .get('/api/tools/tools/orders.find_order')
      .set(asUser);
    expect(one.body).toMatchObject({
      inputSchema: findOrder.inputSchema,
      stats30d: { calls: 0, errors: 0, rehearsed: 0 },
    });

    for (const name of ['orders.find_order', 'logistics.track']) {
      const called = await request(server)
        .post(`/api/tools/tools/${name}/call`)
        .set(asUser)
        .send({
          arguments: name === 'logistics.track' ? {} : { orderId: '7' },
        });
      expect(called.body).toMatchObject({
        isError: false,
        durationMs: expect.any(Number),
        content: [
          { type: 'text', text: expect.stringContaining(name.split('.')[1]) },
        ],
      });
    }
    const after = await request(server)
      .get('/api/tools/tools/orders.find_order')
      .set(asUser);
    expect(after.body.stats30d).toEqual({
      calls: 1,
      errors: 0,
      rehearsed: 0,
      medianDurationMs: expect.any(Number),
    });
  });

  it('finds the right tool from a sentence, and pages', async () => {
    const orders = await v2Server({ tools: [findOrder, cancelOrder] });
    const people = await v2Server({
      tools: [{ name: 'find_person', inputSchema: { type: 'object' } }],
    });
    const { server } = await startTools({
      entities: [api('orders', orders.url), api('people', people.url)],
    });
    await request(server)
      .post('/api/tools/servers/refresh')
      .set(asUser)
      .expect(200);
    const found = await request(server)
      .get('/api/tools/tools')
      .query({ q: 'I would like to have my orders cancelled, please!' })
      .set(asUser);
    expect(found.body.items[0].name).toBe('orders.cancel_order');

    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await request(server)
        .get('/api/tools/tools')
        .query({ limit: 1, ...(cursor ? { cursor } : {}) })
        .set(asUser)
        .expect(200);
      names.push(...page.body.items.map((tool: any) => tool.name));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(names).toEqual([
      'orders.cancel_order',
      'orders.find_order',
      'people.find_person',
    ]);
  });
});

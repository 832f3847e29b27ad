import http from 'node:http';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  cancelOrder,
  findOrder,
  plain,
  serve,
  v1Server,
  v2Server,
  type Offer,
} from './__testUtils__/mcpServers';
import { driveTools } from './__testUtils__/startTools';
import { ToolStore } from './registry/ToolStore';
import { ToolSchemas } from './schemas/ToolSchemas';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

describe('servers that fail', () => {
  it('counts a server as down after three failures, and keeps its tools', async () => {
    const offer = { tools: [findOrder] };
    const orders = await v2Server(offer);
    const tools = await driveTools({ orders: orders.url });
    await tools.refresh();
    await orders.stop();

    for (const visit of [1, 2]) {
      expect((await tools.refresh()).orders).toMatchObject({
        status: 'up',
        error: `it refused the connection (${visit} of 3 visits that may fail before it counts as down)`,
      });
      expect((await tools.tools())[0].status).toBe('available');
    }
    expect((await tools.refresh()).orders).toMatchObject({
      status: 'down',
      error: 'it refused the connection',
      toolCount: 1,
      lastSeenAt: expect.any(String),
    });
    const [tool] = await tools.tools();
    expect(tool).toMatchObject({
      status: 'stale',
      statusReason:
        'The server orders is not answering: it refused the connection.',
    });
    const called = await tools.call('orders.find_order', { orderId: '7' });
    expect(called.isError).toBe(true);
    expect(called.content[0].text).toMatch(
      /^The server orders is not answering since \S+Z: it refused the connection; its last answer was \S+Z\. Try again later\.$/,
    );

    const again = await v2Server(offer, orders.port);
    expect((await tools.refresh()).orders).toMatchObject({ status: 'up' });
    const [back] = await tools.tools();
    expect(back).toMatchObject({
      status: 'available',
      lastChangedAt: tool.lastChangedAt,
    });
    await expect(
      tools.call('orders.find_order', { orderId: '7' }),
    ).resolves.toMatchObject({ isError: false });
    await again.stop();
  });

  it('visits again over a new socket when one breaks', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    let broken = 0;
    const flaky = await serve((req, res) => {
      if (broken < 1) {
        broken += 1;
        req.socket.destroy();
        return;
      }
      // To the real server.
      req.pipe(
        http.request(
          orders.url,
          { method: req.method, headers: req.headers },
          answer => {
            res.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(res);
          },
        ),
      );
    });
    const tools = await driveTools({ flaky: flaky.url });
    const { flaky: record } = await tools.refresh();
    expect(record).toMatchObject({ status: 'up', toolCount: 1 });
    expect(record).not.toHaveProperty('error');
    expect(broken).toBe(1);
  });

  it('reads again only the tools of the server that changed', async () => {
    const flappy: Offer = { tools: [findOrder] };
    const tools = await driveTools({
      flappy: (await v2Server(flappy)).url,
      steady: (await v2Server({ tools: [findOrder] })).url,
    });
    await tools.refresh();
    expect(await tools.tools()).toHaveLength(2);
    flappy.tools = [{ ...findOrder, description: 'Another word' }];
    const read = jest.spyOn(ToolStore.prototype, 'listToolsOf');
    await tools.refresh({ serverRef: 'flappy' });
    expect((await tools.tools())[0].description).toBe('Another word');
    expect([...new Set(read.mock.calls.flat())]).toEqual([
      'api:default/flappy',
    ]);
    read.mockRestore();
  });

  it('leaves a server that is down alone for longer and longer, unless somebody asks', async () => {
    const dead = await serve((req, _res) => req.socket.destroy());
    const orders = await v2Server({ tools: [findOrder] });
    const knex = await databases.init('SQLITE_3');
    const scheduler = mockServices.scheduler();
    const tools = await driveTools(
      { dead: dead.url, orders: orders.url },
      { refreshInterval: { milliseconds: 1 } },
      { knex, features: [(scheduler as any).factory()] },
    );
    const retryIn = async () => {
      const { retry_at } = await knex('servers')
        .where({ name: 'dead' })
        .first();
      return retry_at - Date.now();
    };
    const round = async () => {
      const before = [dead, orders].map(({ requests }) => requests.length);
      await scheduler.triggerTask('refresh-tool-servers');
      return [dead, orders].map(
        ({ requests }, i) => requests.length > before[i],
      );
    };
    expect(await round()).toEqual([true, true]);
    expect(await retryIn()).toBeLessThan(30_000);
    expect(await round()).toEqual([false, true]);
    for (let i = 0; i < 4; i++) {
      await tools.refresh({ serverRef: 'dead' }, `user:default/u${i}`);
    }
    expect(await retryIn()).toBeGreaterThan(50_000);
    expect(await retryIn()).toBeLessThan(120_000);
    await knex('servers').update({ retry_at: Date.now() - 1, failures: 1_000 });
    expect(await round()).toEqual([true, true]);
    expect(await retryIn()).toBeLessThan(600_000);
  });

  it('takes a server whose texts are cut in the middle of a letter', async () => {
    const cut = JSON.parse('"x\\ud800y"');
    const offer = {
      tools: [
        findOrder,
        {
          name: 'cut',
          description: cut,
          inputSchema: {
            type: 'object',
            properties: { [cut]: { title: cut } },
          },
        },
        { ...findOrder, name: cut },
      ],
    } as Offer;
    const orders = await v2Server(offer);
    const tools = await driveTools({ orders: orders.url });
    expect((await tools.refresh()).orders).toMatchObject({
      status: 'up',
      toolCount: 2,
      error: expect.stringMatching(
        /^Not all tools could be taken: number \d \(name: must hold no control characters and no half letters\)\.$/,
      ),
    });
    expect(await tools.tools()).toMatchObject([
      { name: 'orders.cut', description: 'x\uFFFDy' },
      { name: 'orders.find_order' },
    ]);
  });

  it('sees what a server changed, added and removed', async () => {
    const offer: Offer = { tools: [findOrder, cancelOrder] };
    const orders = await v2Server(offer);
    const tools = await driveTools({ orders: orders.url });
    await tools.refresh();
    const before = await tools.tools();
    offer.tools = [{ ...findOrder, description: 'Other' }, plain('new')];
    await tools.refresh();
    const after = await tools.tools();
    expect(after.map((tool: any) => tool.name)).toEqual([
      'orders.find_order',
      'orders.new',
    ]);
    expect(Date.parse(after[0].lastChangedAt)).toBeGreaterThan(
      Date.parse(before[1].lastChangedAt),
    );
  });

  it('takes the good tools of a server that also sends rubbish', async () => {
    const orders = await v2Server({
      tools: [
        findOrder,
        { name: 'text', inputSchema: { type: 'string' } },
        {
          name: 'broken',
          inputSchema: {
            type: 'object',
            properties: { a: { type: 'nonsense' } },
          },
        },
        {
          name: 'huge',
          inputSchema: { type: 'object', description: 'x'.repeat(5000) },
        },
        plain('a b'),
        plain('a-b'),
        42,
      ],
    });
    const tools = await driveTools(
      { orders: orders.url },
      { limits: { toolBytes: 4000 } },
    );
    const { orders: record } = await tools.refresh();
    // What cannot be used is there, and says why.
    expect(record).toMatchObject({ status: 'up', toolCount: 3 });
    for (const part of [
      'text (inputSchema.type:',
      'broken (its inputSchema is no valid JSON Schema:',
      'huge (its description and schemas have',
      'a-b (its name at the gateway would be orders.a-b',
      'number 1',
    ]) {
      expect(record.error).toContain(part);
    }
  });

  it('says in words what is wrong with a server', async () => {
    const html = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello');
    });
    const redirect = await serve((_req, res) => {
      res.writeHead(307, { location: 'http://127.0.0.1:1/mcp' }).end();
    });
    const json = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    });
    const failing = await serve((_req, res) => {
      res.writeHead(503).end();
    });
    const locked = await serve((_req, res) => {
      res.writeHead(401).end();
    });
    const silent = await serve(() => {});
    const flood = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.write('"');
      res.end('x'.repeat(200_000));
    });
    const tools = await driveTools(
      {
        html: html.url,
        redirect: redirect.url,
        json: json.url,
        failing: failing.url,
        locked: locked.url,
        silent: silent.url,
        flood: flood.url,
        ftp: 'ftp://example.com/mcp',
        secret: 'ftp://me:hush@example.com/mcp?key=hush',
        metadata: 'http://169.254.169.254/latest',
        mapped: 'http://[::ffff:a9fe:a9fe]/latest',
      },
      { limits: { responseBytes: 100_000 } },
    );
    const servers = await tools.refresh();
    expect(JSON.stringify(servers)).not.toContain('hush');
    expect(JSON.stringify(servers)).not.toContain('Hello');
    const errors = Object.fromEntries(
      Object.entries(servers).map(([name, s]: any) => [name, s.error]),
    );
    expect(errors).toEqual({
      html: expect.stringContaining('not MCP'),
      redirect: expect.stringContaining(
        'it redirects to http://127.0.0.1:1/mcp',
      ),
      json: expect.stringContaining('not MCP'),
      failing: 'it failed with HTTP 503',
      locked: expect.stringContaining("refused the gateway's credentials"),
      silent: expect.stringContaining('in time'),
      flood: expect.stringContaining('it sent more than 100000 bytes'),
      ftp: expect.stringContaining('is not an http or https URL'),
      metadata: expect.stringContaining('link-local'),
      mapped: expect.stringContaining('link-local'),
      secret: expect.stringContaining('is not an http or https URL'),
    });
    for (const record of Object.values(servers) as any[]) {
      expect(record.status).toBe('down');
    }
  });

  it('waits for no server that does not take its leave', async () => {
    const orders = await v1Server({ tools: [findOrder] });
    const clingy = await serve((req, res) => {
      if (req.method === 'DELETE') {
        return;
      }
      req.pipe(
        http.request(
          orders.url,
          { method: req.method, headers: req.headers },
          answer => {
            res.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(res);
          },
        ),
      );
    });
    const tools = await driveTools({ clingy: clingy.url });
    expect((await tools.refresh()).clingy).toMatchObject({ status: 'up' });
    await tools.call('clingy.find_order', { orderId: '7' });
    const stopping = Date.now();
    await tools.stop();
    expect(Date.now() - stopping).toBeLessThan(6_000);
  });

  it('gives up a visit that does not end, and goes on with the others', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const hanging = jest
      .spyOn(ToolSchemas.prototype, 'problemOf')
      .mockImplementationOnce(() => new Promise(() => {}));
    const tools = await driveTools(
      { orders: orders.url },
      { timeouts: { discovery: '1s' } },
    );
    expect(await tools.refresh()).toEqual({});
    hanging.mockRestore();
    expect((await tools.refresh()).orders).toMatchObject({ status: 'up' });
  });

  it('reads no more of a list than is taken of it', async () => {
    let pages = 0;
    const endless = await v2Server({
      get tools() {
        pages += 1;
        return Array.from({ length: 1_000 }, (_, i) => plain(`tool_${i}`));
      },
    } as Offer);
    const tools = await driveTools(
      { endless: endless.url },
      { limits: { toolsPerServer: 3 } },
    );
    const { endless: record } = await tools.refresh();
    expect(record).toMatchObject({
      status: 'up',
      toolCount: 3,
      error: expect.stringContaining('the gateway takes 3 tools of a server'),
    });
    // The server reads its list twice for each page.
    expect(pages).toBeLessThan(10);
  });

  it('looks at schemas once, and shows which tools cannot be used', async () => {
    const $defs: Record<string, object> = { a30: {} };
    for (let i = 0; i < 30; i++) {
      const $ref = `#/$defs/a${i + 1}`;
      $defs[`a${i}`] = { allOf: [{ $ref }, { $ref }] };
    }
    const bomb = {
      name: 'bomb',
      inputSchema: { type: 'object', $ref: '#/$defs/a0', $defs },
    };
    const evil = await v2Server({ tools: [bomb, findOrder] });
    const tools = await driveTools({ evil: evil.url });
    await tools.refresh();
    const [first, second] = await tools.tools();
    expect(first).toMatchObject({
      name: 'evil.bomb',
      status: 'invalid',
      statusReason: expect.stringContaining('make more than 5000 schemas'),
      allowed: false,
    });
    expect(second).toMatchObject({ status: 'available', allowed: true });
    await tools.refuse('evil.bomb', 403);

    const compiled = jest.spyOn(ToolSchemas.prototype, 'problemOf');
    await tools.refresh();
    expect(compiled).not.toHaveBeenCalled();
    compiled.mockRestore();
  });

  it('asks a server once for many who ask, and not too often for one', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const tools = await driveTools({ orders: orders.url });
    await tools.refresh();
    const before = orders.requests.length;
    await tools.refresh();
    const perVisit = orders.requests.length - before;

    await Promise.all(
      Array.from({ length: 20 }, () => tools.refresh({ serverRef: 'orders' })),
    );
    for (let i = 0; i < 20; i++) {
      await tools.refresh({ serverRef: 'API:default/orders' });
    }
    const visits = (orders.requests.length - before) / perVisit;
    expect(visits).toBeLessThanOrEqual(9);

    // Nor does one who asks all the time keep others from it.
    const asked = orders.requests.length;
    await tools.refresh({ serverRef: 'orders' });
    expect(orders.requests.length).toBe(asked);
    await tools.refresh({ serverRef: 'orders' }, 'user:default/ann');
    expect(orders.requests.length).toBeGreaterThan(asked);
  });
});

describe.each(databases.eachSupportedId())('servers that fail on %s', id => {
  it('keeps the nonsense of one server from the others', async () => {
    const knex = await databases.init(id);
    const nul = await serve(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(
        JSON.stringify({
          jsonrpc: '2.0',
          id: JSON.parse(body).id,
          error: { code: -32000, message: 'a\u0000b' },
        }),
      );
    });
    const orders = await v2Server({ tools: [findOrder] });
    const tools = await driveTools(
      // Visited first.
      { a: nul.url, orders: orders.url },
      {},
      { knex },
    );
    const servers = await tools.refresh();
    expect(servers.a.status).toBe('down');
    expect(servers.a.error).not.toContain('\u0000');
    expect(servers.orders).toMatchObject({ status: 'up', toolCount: 1 });
  });
});

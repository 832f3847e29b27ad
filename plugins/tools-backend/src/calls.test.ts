import http, { type ServerResponse } from 'node:http';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import request from 'supertest';
import {
  findOrder,
  plain,
  serve,
  v1Server,
  v2Server,
} from './__testUtils__/mcpServers';
import {
  api,
  asUser,
  driveTools,
  REGISTERED,
  startTools,
  TRUSTED,
} from './__testUtils__/startTools';

jest.setTimeout(60_000);

/** The server hears of it when its socket closes, which takes a moment. */
async function until(condition: () => boolean) {
  for (let i = 0; i < 100 && !condition(); i++) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(condition()).toBe(true);
}

describe('calls', () => {
  it('ends calls that take too long, say too much or break their promise', async () => {
    let cancelled = 0;
    const orders = await v2Server({
      tools: [
        plain('slow'),
        plain('long'),
        plain('flood'),
        {
          ...plain('promise'),
          outputSchema: {
            type: 'object',
            required: ['id'],
            properties: { id: { type: 'integer' } },
          },
        },
        plain('fails'),
      ],
      call: (name, _args, signal) => {
        switch (name) {
          case 'slow':
            return new Promise(resolve => {
              const timer = setTimeout(resolve, 20_000);
              signal.addEventListener('abort', () => {
                cancelled += 1;
                clearTimeout(timer);
                resolve({ content: [] });
              });
            });
          case 'long':
            return { content: [{ type: 'text', text: 'é'.repeat(3_000) }] };
          case 'flood':
            return { content: [{ type: 'text', text: 'x'.repeat(200_000) }] };
          case 'promise':
            return {
              content: [{ type: 'text', text: 'hm' }],
              structuredContent: { id: 'seven' },
            };
          default:
            return {
              content: [{ type: 'text', text: 'No such order' }],
              isError: true,
            };
        }
      },
    });
    const tools = await driveTools(
      { orders: orders.url },
      {
        timeouts: { call: { milliseconds: 1500 } },
        limits: { resultBytes: 2048, responseBytes: 100_000 },
      },
    );
    await tools.refresh();

    const slow = await tools.call('orders.slow');
    expect(slow.isError).toBe(true);
    expect(slow.content[0].text).toContain(
      'did not answer orders.slow within 1.5 seconds',
    );
    await until(() => cancelled === 1);

    const long = await tools.call('orders.long');
    expect(long.isError).toBe(false);
    expect(long.content[0].text).toContain(
      'The answer of orders.long has 6 KiB, and 2 KiB are passed on',
    );
    expect(long.content[1].text).toMatch(/^é+$/);

    expect(await tools.call('orders.flood')).toMatchObject({
      isError: true,
      content: [
        {
          text: 'The server orders could not run orders.flood: it sent more than 100000 bytes.',
        },
      ],
    });
    expect(await tools.call('orders.promise')).toMatchObject({
      isError: true,
      content: [
        { text: expect.stringContaining('"id" must be integer') },
        { text: 'hm' },
      ],
    });
    expect(await tools.call('orders.fails')).toMatchObject({
      isError: true,
      content: [{ text: 'No such order' }],
    });

    const stats = Object.fromEntries(
      (await tools.tools()).map((tool: any) => [tool.toolName, tool.stats30d]),
    );
    expect(stats.long).toMatchObject({ calls: 1, errors: 0 });
    expect(stats.fails).toMatchObject({ calls: 1, errors: 1 });
  });

  it('keeps one session per caller with servers that have sessions', async () => {
    const people = await v1Server({ tools: [plain('who')] });
    const { server } = await startTools({
      entities: [api('people', people.url)],
    });
    await request(server)
      .post('/api/tools/servers/refresh')
      .set(asUser)
      .expect(200);
    const visits = people.sessions.size;
    const call = (userRef: string) =>
      request(server)
        .post('/api/tools/tools/people.who/call')
        .set('Authorization', mockCredentials.user.header(userRef))
        .send({ arguments: {} })
        .expect(200);
    await call('user:default/ann');
    await call('user:default/ann');
    await call('user:default/bob');
    expect(people.sessions.size - visits).toBe(2);

    people.forget();
    const { body } = await call('user:default/ann');
    expect(body.isError).toBe(false);
    expect(people.sessions.size - visits).toBe(3);
  });

  it('sends secret headers to their server alone', async () => {
    const orders = await v2Server({ tools: [findOrder] });
    const people = await v2Server({ tools: [plain('who')] });
    const tools = await driveTools(
      { orders: orders.url, people: people.url },
      {
        servers: {
          orders: { url: orders.url, headers: { 'x-api-key': 'hush' } },
        },
      },
    );
    const servers = await tools.refresh();
    await tools.call('orders.find_order', { orderId: '1' });
    expect(orders.requests.length).toBeGreaterThan(2);
    expect(orders.requests.every(h => h['x-api-key'] === 'hush')).toBe(true);
    expect(people.requests.some(h => 'x-api-key' in h)).toBe(false);
    expect(people.requests.some(h => 'authorization' in h)).toBe(false);
    expect(JSON.stringify(servers)).not.toContain('hush');
  });

  it('repeats a call only where the server did not run it', async () => {
    const runs: string[] = [];
    const people = await v1Server({
      tools: [plain('add')],
      call: name => {
        runs.push(name);
        return { content: [] };
      },
    });
    let refuse: ((res: ServerResponse) => void) | undefined;
    const front = await serve((req, res) => {
      const body: Buffer[] = [];
      req.on('data', chunk => body.push(chunk));
      req.on('end', () => {
        const text = Buffer.concat(body).toString();
        const answer = http.request(
          people.url,
          { method: req.method, headers: req.headers },
          upstream => {
            if (refuse && text.includes('"tools/call"')) {
              // After it has run.
              upstream.resume();
              refuse(res);
              return;
            }
            res.writeHead(upstream.statusCode!, upstream.headers);
            upstream.pipe(res);
          },
        );
        answer.end(text);
      });
    });
    const tools = await driveTools({ people: front.url });
    await tools.refresh();
    await tools.call('people.add');
    expect(runs).toHaveLength(1);

    refuse = res => res.writeHead(400).end('Bad request: too many rows');
    expect(await tools.call('people.add')).toMatchObject({ isError: true });
    expect(runs).toHaveLength(2);

    refuse = undefined;
    people.forget();
    expect(await tools.call('people.add')).toMatchObject({ isError: false });
    expect(runs).toHaveLength(3);
  });

  it.each([
    ['verified', TRUSTED, 2],
    ['not verified', REGISTERED, 1],
  ])('counts hints of a server that is %s', async (_name, origin, times) => {
    const offer = {
      tools: [{ ...plain('set'), annotations: { idempotentHint: true } }],
    };
    const orders = await v2Server(offer);
    let breaking = false;
    let calls = 0;
    const front = await serve((req, res) => {
      if (breaking) {
        calls += 1;
        req.socket.destroy();
        return;
      }
      req.pipe(
        http.request(
          orders.url,
          { method: req.method, headers: req.headers },
          upstream => {
            res.writeHead(upstream.statusCode!, upstream.headers);
            upstream.pipe(res);
          },
        ),
      );
    });
    const tools = await driveTools(
      { orders: front.url },
      { servers: { orders: { hosts: ['127.0.0.1'] } } },
      { origin },
    );
    await tools.refresh();
    await tools.call('orders.set');
    breaking = true;
    expect(await tools.call('orders.set')).toMatchObject({ isError: true });
    expect(calls).toBe(times);
  });

  it('lets a call end although another one broke the connection they share', async () => {
    const orders = await v2Server({
      tools: [plain('slow'), plain('quick')],
      call: name =>
        new Promise(resolve => {
          setTimeout(
            () => resolve({ content: [{ type: 'text', text: name }] }),
            name === 'slow' ? 1_500 : 10,
          );
        }),
    });
    let fail = false;
    const front = await serve((req, res) => {
      if (fail && req.headers['mcp-name'] === 'quick') {
        res.writeHead(503).end();
        return;
      }
      req.pipe(
        http.request(
          orders.url,
          { method: req.method, headers: req.headers },
          upstream => {
            res.writeHead(upstream.statusCode!, upstream.headers);
            upstream.pipe(res);
          },
        ),
      );
    });
    const tools = await driveTools({ orders: front.url });
    await tools.refresh();
    await tools.call('orders.quick');
    fail = true;
    const slow = tools.call('orders.slow');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await tools.call('orders.quick')).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('HTTP 503') }],
    });
    expect(await slow).toMatchObject({
      isError: false,
      content: [{ text: 'slow' }],
    });
  });

  it('answers what a tool did although the audit of it fails', async () => {
    let runs = 0;
    const orders = await v2Server({
      tools: [plain('pay')],
      call: () => {
        runs += 1;
        return { content: [{ type: 'text', text: 'paid' }] };
      },
    });
    const auditor = mockServices.auditor.mock({
      createEvent: async () => ({
        success: async () => {
          throw new Error('the disk is full');
        },
        fail: async () => {},
      }),
    });
    const { server } = await startTools({
      entities: [api('orders', orders.url)],
      features: [auditor.factory],
    });
    await request(server).post('/api/tools/servers/refresh').set(asUser);
    const { body } = await request(server)
      .post('/api/tools/tools/orders.pay/call')
      .set(asUser)
      .send({ arguments: {} })
      .expect(200);
    expect(body).toMatchObject({ content: [{ text: 'paid' }], isError: false });
    expect(runs).toBe(1);
  });

  it('survives answers that are made to keep it busy', async () => {
    const orders = await v2Server({
      tools: [
        {
          ...plain('redos'),
          outputSchema: {
            type: 'object',
            properties: { s: { type: 'string', pattern: '^(a+)+$' } },
          },
        },
      ],
      call: () => ({
        content: [],
        structuredContent: { s: `${'a'.repeat(50_000)}!` },
      }),
    });
    const tools = await driveTools({ orders: orders.url });
    await tools.refresh();
    expect(await tools.call('orders.redos')).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('must match pattern') }],
    });
  });

  it('takes names in any case', async () => {
    const orders = await v2Server({ tools: [plain('findOrder')] });
    const tools = await driveTools({ orders: orders.url });
    await tools.refresh();
    expect((await tools.tools())[0].name).toBe('orders.findOrder');
    expect(await tools.call('orders.findorder')).toMatchObject({
      content: [{ text: 'findOrder {}' }],
    });
  });
});

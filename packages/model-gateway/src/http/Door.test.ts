import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Door } from './Door';

describe('Door', () => {
  let server: Server;
  let url: string;
  let inside: ServerResponse[];
  let door: Door;

  beforeEach(async () => {
    inside = [];
    door = new Door({
      maxCalls: 2,
      maxRequestBytes: 1_000,
      unknownRequestBytes: 900,
      isUnderWay: request => request.url!.includes('of-a-run'),
    });
    server = createServer((request, response) => {
      door.enter(request, response, () => {
        request.resume();
        response.write('begun ');
        inside.push(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = (path = '/api/models/openai/v1/chat/completions', size = 10) =>
    fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(size) });

  it('turns away what there is no room for, and lets in again who comes later', async () => {
    const first = await ask();
    await ask();
    const third = await ask();
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(await third.json()).toMatchObject({
      error: { code: 'gateway_overloaded', type: 'server_error' },
    });

    inside[0].end('done');
    expect(await first.text()).toBe('begun done');
    while (door.size > 1) {
      await new Promise(setImmediate);
    }
    expect((await ask()).status).toBe(200);
  });

  it('counts the bytes of requests, not only how many there are', async () => {
    await ask(undefined, 600);
    expect((await ask(undefined, 600)).status).toBe(503);
    expect((await ask(undefined, 300)).status).toBe(200);
  });

  it('speaks the format of the caller', async () => {
    await ask();
    await ask();
    const refused = await ask('/api/models/anthropic/v1/messages');
    expect(await refused.json()).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', code: 'gateway_overloaded' },
    });
  });

  it('lets streams end and nobody in while it drains', async () => {
    const stream = await ask();
    const drained = door.drain(5_000);
    const late = await ask();
    expect(late.status).toBe(503);
    expect(await late.json()).toMatchObject({
      error: { code: 'gateway_draining' },
    });

    inside[0].end('the rest');
    expect(await stream.text()).toBe('begun the rest');
    await expect(drained).resolves.toBe(0);
  });

  it('lets in what belongs to work under way while it drains', async () => {
    const stream = await ask();
    const drained = door.drain(5_000);
    const step = await ask('/of-a-run');
    expect(step.status).toBe(200);
    inside.forEach(response => response.end());
    await Promise.all([stream.text(), step.text()]);
    await expect(drained).resolves.toBe(0);
  });

  it('cuts off what does not end in time', async () => {
    const stream = await ask();
    await expect(door.drain(50)).resolves.toBe(1);
    await expect(stream.text()).rejects.toThrow();
    expect(door.size).toBe(0);
  });
});

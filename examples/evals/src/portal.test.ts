import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPortalDriver } from './portal';

describe('a run that is asked of a portal', () => {
  it('has not ended while it waits for somebody', async () => {
    const statuses = ['queued', 'running', 'interrupted', 'succeeded'];
    const server = createServer((request, response) => {
      const status = request.method === 'POST' ? 'queued' : statuses.shift();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          id: 'r',
          threadId: 't',
          status,
          steps: [],
          ...(status === 'succeeded'
            ? { output: { message: 'It left on Monday.' } }
            : {}),
        }),
      );
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const driver = createPortalDriver({
      baseUrl: `http://127.0.0.1:${port}`,
      token: 'test',
    });
    const outcome = await driver.ask({
      agentRef: 'agent:default/desk',
      turns: ['Where is my order?'],
    } as Parameters<typeof driver.ask>[0]);
    server.closeAllConnections();
    server.close();
    expect(outcome.answer).toBe('It left on Monday.');
  });
});

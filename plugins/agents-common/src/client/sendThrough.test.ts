import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendThrough } from './sendThrough';

describe('sendThrough', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      if (request.url === '/no') {
        response.writeHead(403, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            error: { name: 'NotAllowedError', message: 'You may not' },
            response: { statusCode: 403 },
          }),
        );
        return;
      }
      response.end(`${request.method} ${body} ${request.headers['x-kept']}`);
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise(done => server.close(done)));

  // As a middleware of the browser's fetch API does: it makes a Request of its own
  // to look at, and passes on what it was given.
  const wrapping: typeof fetch = (input, init) => {
    const looked = new Request(input, init);
    return looked.url.startsWith('plugin://')
      ? Promise.reject(new Error('not resolved'))
      : fetch(input, init);
  };

  it('sends a body through a fetch that wraps requests', async () => {
    const response = await sendThrough(wrapping)(
      new Request(`${url}/yes`, {
        method: 'POST',
        body: 'hello',
        headers: { 'x-kept': 'kept' },
      }),
    );
    expect(await response.text()).toBe('POST hello kept');
  });

  it('throws what the server says', async () => {
    await expect(
      sendThrough(fetch)(new Request(`${url}/no`)),
    ).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 403,
      cause: { message: 'You may not' },
    });
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const EVERY_MS = 200;

/** A provider of one model, `drip`, that says a word five times a second for as long as one listens. */
export async function startSlowProvider() {
  let open = 0;
  const server = createServer(async (request, response) => {
    request.resume();
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: [{ id: 'drip' }] }));
      return;
    }
    open += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => {
      const chunk = {
        id: 'drip',
        object: 'chat.completion.chunk',
        model: 'drip',
        choices: [{ index: 0, delta: { content: 'still ' } }],
      };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }, EVERY_MS);
    response.once('close', () => {
      clearInterval(timer);
      open -= 1;
    });
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    /** Answers that somebody listens to now. */
    open: () => open,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

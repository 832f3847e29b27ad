// The least that a proxy in Node does: node:http in, an undici pool out, and the
// body parsed once. No authentication, no ledger, no route.
// Started by processes.ts with the provider's port as its argument.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, {
  connections: 256,
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const { model } = JSON.parse(body.toString('utf8')) as { model?: string };
    if (!model) {
      response.writeHead(400).end();
      return;
    }
    pool.stream(
      {
        method: 'POST',
        path: request.url ?? '/',
        headers: { 'content-type': 'application/json' },
        body,
      },
      ({ statusCode, headers }) => {
        const { connection, ...rest } = headers;
        response.writeHead(statusCode, rest);
        return response;
      },
      error => {
        if (error) {
          response.destroy();
        }
      },
    );
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stdout.write(`listening ${port}\n`);
});

// What `npm run demo` does with a portal that does not do everything.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/setup/paths.mjs';

/** Signs people in and makes keys, and can do nothing else. */
const portal = createServer((request, response) => {
  request.resume();
  const { pathname } = new URL(request.url, 'http://x');
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (pathname === '/.backstage/health/v1/readiness') {
    answer(200, {});
  } else if (pathname.endsWith('/refresh')) {
    answer(200, { backstageIdentity: { token: 'x' } });
  } else if (pathname === '/api/models/keys') {
    answer(200, { items: [], secret: 'x' });
  } else {
    answer(400, { error: { message: 'The tool gateway is away.' } });
  }
});

before(() => new Promise(done => portal.listen(0, '127.0.0.1', done)));
after(() => portal.close());

test('a demo on a portal that refuses goes on, and says at its end what did not work', async () => {
  const child = spawn(process.execPath, [path.join(root, 'scripts/demo.mjs')], {
    env: {
      ...process.env,
      PORTAL_URL: `http://127.0.0.1:${portal.address().port}`,
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', text => {
      said += text;
    });
  }
  const code = await new Promise(done => child.on('close', done));
  assert.equal(code, 1);
  assert.match(said, /Asking order-desk did not work: The tool gateway/);
  const [, sum] = said.split('This did not work');
  assert.match(sum, /Setting the budgets/);
  assert.match(sum, /Asking a model as a program \(2 times\)/);
  assert.match(sum, /The day is over/);
  assert.doesNotMatch(said, /^\s+at /m);
});

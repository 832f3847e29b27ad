import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createSizeAdvisor } from './createSizeAdvisor';

/** Peers remember the key that signed a card, so it is made once. */
function keyIn(directory: string): string {
  const file = join(directory, 'key.pem');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    writeFileSync(file, pem, { mode: 0o600 });
    return pem;
  }
}

async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, data: { type: 'string' } },
  });
  const port = values.port ?? process.env.EXAMPLE_AGENT_PORT ?? '7120';
  const key = keyIn(resolve(values.data ?? '.data/size-advisor'));
  const server = createServer();
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', await createSizeAdvisor(url, key));
  console.log(`Example A2A agent ready: ${url}`);

  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: Error) => {
  console.error(`The example A2A agent cannot start: ${error.message}`);
  process.exitCode = 1;
});

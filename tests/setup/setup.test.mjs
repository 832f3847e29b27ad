// What `npm start` decides before it starts anything.
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { RotatedLog } from '../../scripts/setup/logs.mjs';
import { root } from '../../scripts/setup/paths.mjs';
import { readPortalConfig } from '../../scripts/setup/portalConfig.mjs';
import { exampleAgentPort, examplePort } from '../../scripts/setup/ports.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-portal-setup-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const committed = name => path.join(root, name);
const written = (name, text) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

test('a production configuration starts a production portal', async () => {
  const { production, baseUrl } = await readPortalConfig(
    ['app-config.yaml', 'app-config.production.yaml'].map(committed),
    { AGENT_PORTAL_BASE_URL: 'https://portal.acme.example' },
  );
  assert.equal(production, true);
  assert.equal(baseUrl, 'https://portal.acme.example');
});

test('only the configuration of the example starts a development portal', async () => {
  const example = committed('app-config.yaml');
  const isProduction = async (files, env = {}) =>
    (await readPortalConfig(files, env)).production;
  assert.equal(await isProduction([example]), false);
  assert.equal(await isProduction([example], { NODE_ENV: 'production' }), true);
  for (const [name, text] of Object.entries({
    'every-address.yaml': 'backend: { listen: { host: 0.0.0.0 } }',
    'another-address.yaml': 'backend: { listen: { host: 127.evil.example } }',
    'no-environment.yaml': 'auth: { environment: null }',
    'other-environment.yaml': 'auth: { environment: staging }',
  })) {
    assert.equal(
      await isProduction([example, written(name, text)]),
      true,
      name,
    );
  }
});

test('two portals use different ports for the example company', () => {
  assert.equal(examplePort(7007), 7110);
  assert.equal(examplePort(7110), 7213);
  assert.ok(examplePort(65_500) < 65_536);
  assert.equal(exampleAgentPort(7007), 7120);
  assert.equal(exampleAgentPort(7110), 7223);
  process.env.EXAMPLE_SERVERS_PORT = '9000';
  assert.equal(examplePort(7010), 9000);
  delete process.env.EXAMPLE_SERVERS_PORT;
});

test('the logs of earlier runs are kept, bounded, and nobody else can read them', () => {
  const file = path.join(folder, 'backend.log');
  for (let run = 1; run <= 8; run += 1) {
    new RotatedLog(file).write(`run ${run}\n`);
  }
  const log = new RotatedLog(file, { maxBytes: 10 });
  log.write('123456789\n');
  log.write('next\n');
  const logs = readdirSync(folder).filter(name => name.startsWith('backend'));
  assert.deepEqual(logs.sort(), [
    'backend.log',
    ...[1, 2, 3, 4, 5].map(number => `backend.log.${number}`),
  ]);
  assert.deepEqual(
    logs.map(name => readFileSync(path.join(folder, name), 'utf8').trim()),
    ['next', '123456789', 'run 8', 'run 7', 'run 6', 'run 5'],
  );
  for (const name of logs) {
    assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600);
  }
});

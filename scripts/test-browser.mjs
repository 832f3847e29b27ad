// `npm run test:browser`: the newcomer's story in a real Chromium, against a portal with empty data.
// Screenshots are left under .artifacts/screenshots.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const data = mkdtempSync(path.join(os.tmpdir(), 'agent-portal-browser-'));
process.once('exit', () => rmSync(data, { recursive: true, force: true }));
process.env.AGENT_PORTAL_DATA = data;

const { main, root, run, setup, stopAll, SetupError } = await import(
  './setup/index.mjs'
);
const { ensureFrontendBuilt } = await import('./setup/frontend.mjs');
const { startPortal } = await import('./setup/portal.mjs');

const CHROMIUMS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

await main(async () => {
  const chromium = CHROMIUMS.find(file => file && existsSync(file));
  if (!chromium) {
    throw new SetupError(
      'No Chromium was found. Install it (apt-get install chromium) or name its program in CHROMIUM.',
    );
  }
  const tools = await setup();
  await ensureFrontendBuilt(tools);
  const portal = await startPortal(tools);
  const folder = path.join(root, 'tests/browser');
  const { code } = await run(
    tools.node,
    [
      '--test',
      '--test-concurrency=1',
      '--test-reporter=tap',
      ...readdirSync(folder)
        .filter(name => name.endsWith('.test.mjs'))
        .sort()
        .map(name => path.join(folder, name)),
    ],
    {
      cwd: root,
      env: { ...tools.env, PORTAL_URL: portal.url, CHROMIUM: chromium },
    },
  );
  await stopAll();
  return code;
});

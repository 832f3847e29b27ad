// `npm run test:browser`: what people do, in a real Chromium: a newcomer with empty data, each person of the example
// company on every page, and somebody of the platform team. Screenshots are left under .artifacts/screenshots.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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

const STORIES = ['newcomer', 'people', 'platform'];

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
  const { code } = await run(
    tools.node,
    [
      '--test',
      '--test-concurrency=1',
      '--test-reporter=tap',
      ...STORIES.map(story =>
        path.join(root, `tests/browser/${story}.test.mjs`),
      ),
    ],
    {
      cwd: root,
      env: { ...tools.env, PORTAL_URL: portal.url, CHROMIUM: chromium },
    },
  );
  await stopAll();
  return code;
});

// `npm run test:browser`: what people do, in a real Chromium: a newcomer with empty data, each person of the example
// company on every page, and somebody of the platform team; and whether every page is readable and usable for everyone,
// and the built app within its budget. Screenshots are left under .artifacts/screenshots.
// `npm run test:browser -- approvals` runs one story.
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { withEmptyData } from './setup/emptyData.mjs';

withEmptyData('browser');
const { main, root, run, setup, start } = await import('./setup/index.mjs');
const { findChromium } = await import('./setup/chromium.mjs');
const { ensureFrontendBuilt } = await import('./setup/frontend.mjs');
const { startPortal, TRANSFORM } = await import('./setup/portal.mjs');

const given = process.argv.slice(2);
const ALL = [
  'newcomer',
  'people',
  'everyone',
  'platform',
  'access',
  'killSwitch',
  'audit',
  'approvals',
  'quality',
  'bundle',
];
const STORIES = given.length ? given : ALL;

// A model that talks for as long as one listens, so that there is something to stop.
const SLOW_PROVIDER = `
require('./tests/portal/slowProvider').startSlowProvider()
  .then(({ url }) => console.log(url))`;

await main(async () => {
  const chromium = findChromium();
  const tools = await setup();
  await ensureFrontendBuilt(tools);
  const provider = start(tools.node, [...TRANSFORM, '--eval', SLOW_PROVIDER], {
    cwd: root,
    env: tools.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [address] = await once(provider.stdout, 'data');
  const portal = await startPortal(
    {
      ...tools,
      env: { ...tools.env, SLOW_PROVIDER_URL: String(address).trim() },
    },
    { configs: ['tests/browser/support/app-config.yaml'] },
  );
  // For stories in which the portal is restarted.
  const control = createServer((_request, response) => {
    portal.restart().then(
      () => response.end(),
      error => response.writeHead(500).end(error.message),
    );
  });
  await new Promise(resolve => control.listen(0, '127.0.0.1', resolve));
  const { code } = await run(
    tools.node,
    [
      '--test',
      '--test-concurrency=1',
      // Of one file: a browser that says nothing any more must not hold up everything.
      '--test-timeout=600000',
      '--test-reporter=tap',
      ...STORIES.map(story =>
        path.join(root, `tests/browser/${story}.test.mjs`),
      ),
    ],
    {
      cwd: root,
      env: {
        ...tools.env,
        PORTAL_URL: portal.url,
        PORTAL_RESTART_URL: `http://127.0.0.1:${control.address().port}/`,
        CHROMIUM: chromium,
      },
    },
  );
  control.close();
  return code;
});

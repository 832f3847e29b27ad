// `npm run test:browser`: what people do, in a real Chromium: a newcomer with empty data, each person of the example
// company on every page, and somebody of the platform team. Screenshots are left under .artifacts/screenshots.
import path from 'node:path';
import { withEmptyData } from './setup/emptyData.mjs';

withEmptyData('browser');
const { main, root, run, setup } = await import('./setup/index.mjs');
const { findChromium } = await import('./setup/chromium.mjs');
const { ensureFrontendBuilt } = await import('./setup/frontend.mjs');
const { startPortal } = await import('./setup/portal.mjs');

const STORIES = ['newcomer', 'people', 'platform', 'access', 'audit'];

await main(async () => {
  const chromium = findChromium();
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
  return code;
});

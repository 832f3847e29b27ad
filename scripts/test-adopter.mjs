// `npm run test:adopter`: packs our packages, makes a new Backstage app, follows the README's "Install into your
// own Backstage" to the letter, starts the app and talks to an agent in a real Chromium.
// ADOPTER_APP=<folder> keeps the app there and, if it is there already, only starts it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createApp } from '../tests/adopter/createApp.mjs';
import { packPackages } from '../tests/adopter/packages.mjs';
import { followReadme } from '../tests/adopter/readme.mjs';
import { Registry } from '../tests/adopter/Registry.mjs';
import { startApp } from '../tests/adopter/startApp.mjs';
import { findChromium } from './setup/chromium.mjs';
import { main, root, run, setup, step } from './setup/index.mjs';

await main(async () => {
  const chromium = findChromium();
  const tools = await setup();
  const kept = process.env.ADOPTER_APP;
  const folder =
    kept ?? mkdtempSync(path.join(os.tmpdir(), 'agent-portal-adopter-'));
  if (!kept) {
    process.once('exit', () =>
      rmSync(folder, { recursive: true, force: true }),
    );
  }
  const app = path.join(folder, 'app');
  if (!existsSync(app)) {
    const tarballs = path.join(folder, 'packages');
    await step('Packing our packages', () => packPackages(tools, tarballs));
    const registry = await Registry.serve(tarballs);
    await step('Making a new Backstage app', () =>
      createApp(tools, app, registry.url),
    );
    await followReadme(tools, app);
    registry.close();
  }
  const url = await step('Starting it', () => startApp(tools, app));
  const { code } = await run(
    tools.node,
    [
      '--test',
      '--test-reporter=tap',
      path.join(root, 'tests/adopter/app.test.mjs'),
    ],
    { cwd: root, env: { ...tools.env, PORTAL_URL: url, CHROMIUM: chromium } },
  );
  return code;
});

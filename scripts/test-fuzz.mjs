// `npm run test:fuzz`: a real portal is sent messages that froze one before, and thousands of bad inputs to every
// operation of its APIs. Uses the portal at PORTAL_URL, or starts one with empty data.
// FUZZ_SEED, FUZZ_INPUTS and FUZZ_PLUGINS=tools,models choose other inputs, more, or those of some plugins.
import path from 'node:path';
import { withEmptyData } from './setup/emptyData.mjs';

withEmptyData('fuzz');
const { main, root, run, setup } = await import('./setup/index.mjs');
const { startPortal, TRANSFORM } = await import('./setup/portal.mjs');

await main(async () => {
  const tools = await setup();
  const url =
    process.env.PORTAL_URL ??
    (
      await startPortal(tools, {
        entry: 'tests/portal/portalProcess.ts',
        configs: ['tests/portal/app-config.yaml'],
      })
    ).url;
  const { code } = await run(
    tools.node,
    [...TRANSFORM, path.join(root, 'tests/fuzz/run.ts')],
    { cwd: root, env: { ...tools.env, PORTAL_URL: url } },
  );
  return code;
});

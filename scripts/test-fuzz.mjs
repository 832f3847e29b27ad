// `npm run test:fuzz`: a real portal is sent messages that froze one before, and thousands of bad inputs to every
// operation of its APIs. Uses the portal of tests/portal at PORTAL_URL, or starts one with empty data.
// FUZZ_SEED, FUZZ_INPUTS and FUZZ_PLUGINS=tools,models choose other inputs, more, or those of some plugins.
import { withEmptyData } from './setup/emptyData.mjs';

if (!process.env.PORTAL_URL) {
  withEmptyData('fuzz');
}
const { main, setup } = await import('./setup/index.mjs');
const { startPortal } = await import('./setup/portal.mjs');
const { runTypeScript } = await import('./setup/runTypeScript.mjs');

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
  return runTypeScript(tools, 'tests/fuzz/run.ts', {
    variables: { PORTAL_URL: url },
  });
});

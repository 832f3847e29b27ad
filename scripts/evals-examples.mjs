// `npm run evals:examples`: asks the example agents every question of examples/evals and prints how
// many they answered right. Uses the portal at PORTAL_URL, or starts one with empty data.
import path from 'node:path';
import { withEmptyData } from './setup/emptyData.mjs';

if (!process.env.PORTAL_URL) {
  withEmptyData('evals');
}
const { main, root, run, setup } = await import('./setup/index.mjs');
const { startPortal } = await import('./setup/portal.mjs');

await main(async () => {
  const tools = await setup();
  const url = process.env.PORTAL_URL ?? (await startPortal(tools)).url;
  const { code } = await run(
    tools.node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/run.ts',
      ...process.argv.slice(2),
    ],
    {
      cwd: path.join(root, 'examples/evals'),
      env: { ...tools.env, PORTAL_URL: url },
    },
  );
  return code;
});

// `npm run evals:examples`: asks the example agents every question of examples/evals and prints how
// many they answered right. Uses the portal at PORTAL_URL, or starts one with empty data.
import path from 'node:path';
import { withEmptyData } from './setup/emptyData.mjs';

if (!process.env.PORTAL_URL) {
  withEmptyData('evals');
}
const { main, root, setup } = await import('./setup/index.mjs');
const { startPortal } = await import('./setup/portal.mjs');
const { runTypeScript } = await import('./setup/runTypeScript.mjs');

await main(async () => {
  const tools = await setup();
  const url = process.env.PORTAL_URL ?? (await startPortal(tools)).url;
  return runTypeScript(tools, 'src/run.ts', {
    args: process.argv.slice(2),
    cwd: path.join(root, 'examples/evals'),
    variables: { PORTAL_URL: url },
  });
});

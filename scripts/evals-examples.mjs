// `npm run evals:examples`: asks the example agents every question of examples/evals and prints how
// many they answered right. Uses the portal at PORTAL_URL, or starts one with empty data.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

if (!process.env.PORTAL_URL) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'agent-portal-evals-'));
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  process.env.AGENT_PORTAL_DATA = data;
}
const { main, root, run, setup, stopAll } = await import('./setup/index.mjs');
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
  await stopAll();
  return code;
});

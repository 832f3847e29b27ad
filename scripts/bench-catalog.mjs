// `npm run bench:catalog`: the Agents page with 10,000 agents, and what they cost the catalog
// compared with 10,000 Components in the same run.
import path from 'node:path';
import { main, root, run, setup, stopAll } from './setup/index.mjs';

await main(async () => {
  const { node, env } = await setup();
  const { code } = await run(
    node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      path.join(root, 'bench/catalog/run.ts'),
      ...process.argv.slice(2),
    ],
    { cwd: root, env },
  );
  await stopAll();
  return code;
});

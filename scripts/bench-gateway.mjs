// `npm run bench:gateway`: what our model gateway costs beside a bare proxy and Portkey's.
// `npm run bench:gateway -- soak [seconds]`: whether its memory stays flat under full load.
import path from 'node:path';
import { main, root, run, setup } from './setup/index.mjs';

await main(async () => {
  const { node, env } = await setup();
  const [first, ...rest] = process.argv.slice(2);
  const [script, args] =
    first === 'soak' ? ['soak.ts', rest] : ['run.ts', process.argv.slice(2)];
  const { code } = await run(
    node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      path.join(root, 'bench/gateway', script),
      ...args,
    ],
    { cwd: root, env },
  );
  return code;
});

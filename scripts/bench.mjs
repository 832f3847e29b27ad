// `npm run bench:<name>`: runs bench/<name>/run.ts, whose last line is what it measured.
import path from 'node:path';
import { main, root, run, setup } from './setup/index.mjs';

await main(async () => {
  const { node, env } = await setup();
  const [name, ...args] = process.argv.slice(2);
  const { code } = await run(
    node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      path.join(root, 'bench', name, 'run.ts'),
      ...args,
    ],
    { cwd: root, env },
  );
  return code;
});

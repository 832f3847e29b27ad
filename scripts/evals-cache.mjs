import path from 'node:path';
import { main, root, setup } from './setup/index.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () =>
  runTypeScript(await setup(), 'src/cache/evaluation/run.ts', {
    args: [
      '--pairs',
      path.join(root, 'examples/evals/cache'),
      ...process.argv.slice(2),
    ],
    cwd: path.join(root, 'packages/model-gateway'),
  }),
);

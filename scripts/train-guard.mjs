import path from 'node:path';
import { main, root, setup } from './setup/index.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () =>
  runTypeScript(await setup(), 'training/train.ts', {
    args: process.argv.slice(2),
    cwd: path.join(root, 'packages/guard'),
  }),
);

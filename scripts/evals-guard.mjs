import path from 'node:path';
import { main, root, setup } from './setup/index.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () =>
  runTypeScript(await setup(), 'src/guard/run.ts', {
    args: process.argv.slice(2).map((value, i, all) =>
      // Files are named from where one stands.
      ['--set', '--prose'].includes(all[i - 1]) ? path.resolve(value) : value,
    ),
    cwd: path.join(root, 'examples/evals'),
  }),
);

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { root, run, SetupError } from '../../scripts/setup/index.mjs';

/** Builds everything that we publish, and packs it as it would be published. */
export async function packPackages({ node, yarn, env }, folder) {
  mkdirSync(folder, { recursive: true });
  for (const args of [
    ['tsc'],
    ['backstage-cli', 'repo', 'build'],
    [
      'workspaces',
      'foreach',
      '--all',
      '--no-private',
      'pack',
      '--out',
      path.join(folder, '%s.tgz'),
    ],
  ]) {
    const { code, output } = await run(node, [yarn, ...args], {
      cwd: root,
      env: { ...env, NODE_OPTIONS: '--max-old-space-size=4096' },
      onLine: () => {},
    });
    if (code !== 0) {
      throw new SetupError(
        `yarn ${args.join(' ')} failed:\n${output.slice(-3000)}`,
      );
    }
  }
}

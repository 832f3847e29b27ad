// Fails when what `yarn generate` writes is not what is committed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const git = (...args) =>
  spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout;

const before = git('diff', '--', 'plugins');
const result = spawnSync(
  process.execPath,
  [path.join(root, 'scripts/generate-openapi-types.mjs')],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
);
const after = git('diff', '--', 'plugins');
if (result.status !== 0 || before !== after) {
  process.stderr.write(
    'The types generated from the OpenAPI documents are out of date. Run `yarn generate` and commit what it writes.\n',
  );
  process.exit(1);
}

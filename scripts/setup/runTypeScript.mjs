import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';
import { TRANSFORM } from './portal.mjs';
import { run } from './processes.mjs';

const END_WITH_PARENT = fileURLToPath(
  new URL('endWithParent.cjs', import.meta.url),
);

/** Runs a TypeScript program of ours to its end; resolves with its exit code. */
export async function runTypeScript(
  { node, env },
  file,
  { args = [], cwd = root, variables = {} } = {},
) {
  const { code } = await run(
    node,
    [
      '--enable-source-maps',
      '--require',
      END_WITH_PARENT,
      ...TRANSFORM,
      file,
      ...args,
    ],
    { cwd, env: { ...env, ...variables } },
  );
  return code;
}

// `npm run test:money`: whether money can be lost, spent twice or overspent, with
// four gateway processes on SQLite and on a real PostgreSQL.
import path from 'node:path';
import { main, root, run, setup } from './setup/index.mjs';
import { startPostgres } from './setup/postgres.mjs';

await main(async () => {
  const { node, env } = await setup();
  const postgres = await startPostgres({ node, env });
  const { code } = await run(
    node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      path.join(root, 'tests/money/run.ts'),
    ],
    { cwd: root, env: { ...env, MONEY_POSTGRES: postgres } },
  );
  return code;
});

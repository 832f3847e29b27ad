// `npm run bench:audit`, `npm run bench:traces` and `npm run bench:ledger`: what stores take on
// SQLite and on a real PostgreSQL.
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
      path.join(root, 'bench', process.argv[2], 'run.ts'),
    ],
    { cwd: root, env: { ...env, BENCH_POSTGRES: postgres } },
  );
  return code;
});

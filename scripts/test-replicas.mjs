// `npm run test:replicas`: two whole portals on one PostgreSQL; one of them is killed.
import path from 'node:path';
import { main, root, run, setup } from './setup/index.mjs';
import { TRANSFORM } from './setup/portal.mjs';
import { startPostgres } from './setup/postgres.mjs';

await main(async () => {
  const { node, env } = await setup();
  const postgres = await startPostgres({ node, env });
  const { code } = await run(
    node,
    [...TRANSFORM, path.join(root, 'tests/replicas/run.ts')],
    { cwd: root, env: { ...env, REPLICAS_POSTGRES: postgres } },
  );
  return code;
});

// `npm run test:gateway`: a portal and three processes of the model gateway on a
// real PostgreSQL; they are killed, replaced under load and lose their database.
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
      path.join(root, 'tests/gateway/run.ts'),
    ],
    { cwd: root, env: { ...env, GATEWAY_POSTGRES: postgres } },
  );
  return code;
});

// `npm test`: every unit and integration test, on SQLite and on a real PostgreSQL.
// Arguments are passed on to jest: `npm test -- plugins/tools-backend`.
import { main, root, run, setup } from './setup/index.mjs';
import { startPostgres } from './setup/postgres.mjs';

await main(async () => {
  const { node, yarn, env } = await setup();
  const variable = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';
  const connection = env[variable] ?? (await startPostgres({ node, env }));
  const given = process.argv.slice(2);
  const { code } = await run(
    node,
    [
      '--max-old-space-size=4096',
      yarn,
      'backstage-cli',
      'repo',
      'test',
      '--watchAll=false',
      '--maxWorkers=2',
      // A worker that has loaded the libraries once runs the next suites in half the time; at 1 GB it is
      // replaced after nearly each.
      '--workerIdleMemoryLimit=2500M',
      // Starting a backend takes longer than the usual five seconds on a machine that is busy.
      '--testTimeout=30000',
      // A misspelt name of a test is not a green test.
      '--no-passWithNoTests',
      ...given,
    ],
    {
      cwd: root,
      env: {
        ...env,
        [variable]: connection,
        NODE_OPTIONS: `${
          env.NODE_OPTIONS ?? ''
        } --max-old-space-size=4096`.trim(),
      },
    },
  );
  return code;
});

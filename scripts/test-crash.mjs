import { main, setup } from './setup/index.mjs';
import { startPostgres } from './setup/postgres.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () => {
  const tools = await setup();
  return runTypeScript(tools, 'tests/crash/run.ts', {
    variables: { CRASH_POSTGRES: await startPostgres(tools) },
  });
});

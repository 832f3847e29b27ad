import { main, setup } from './setup/index.mjs';
import { startPostgres } from './setup/postgres.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () => {
  const tools = await setup();
  return runTypeScript(tools, 'tests/crash/chaos.ts', {
    variables: { CHAOS_POSTGRES: await startPostgres(tools) },
  });
});

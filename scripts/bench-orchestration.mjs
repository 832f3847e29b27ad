// `npm run bench:orchestration`: what runs cost that survive everything, on SQLite, and the fail-over on a real PostgreSQL.
import { main, setup } from './setup/index.mjs';
import { startPostgres } from './setup/postgres.mjs';
import { runTypeScript } from './setup/runTypeScript.mjs';

await main(async () => {
  const tools = await setup();
  return runTypeScript(tools, 'bench/orchestration/run.ts', {
    args: process.argv.slice(2),
    variables: { BENCH_POSTGRES: await startPostgres(tools) },
  });
});

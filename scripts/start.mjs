// `npm start`: from a fresh clone to a working portal, and every start after it.
import { main, say, setup } from './setup/index.mjs';
import { ensureFrontendBuilt } from './setup/frontend.mjs';
import { startPortal } from './setup/portal.mjs';

await main(async () => {
  const tools = await setup();
  await ensureFrontendBuilt(tools);
  const portal = await startPortal(tools);
  say('');
  say(`  Agent Portal is ready: ${portal.baseUrl}`);
  say(
    `  ${
      portal.production
        ? 'It runs in production: sign-in is what you configured.'
        : 'Sign in as one of the example company, or just look around.'
    } Logs are in ${portal.logs}. Stop with Ctrl-C.`,
  );
  say('');

  const [name, code] = await Promise.race(
    [portal.backend, portal.servers].map(
      program =>
        new Promise(resolve =>
          program.child.once('exit', exitCode =>
            resolve([program.name, exitCode]),
          ),
        ),
    ),
  );
  say(
    `The program "${name}" ended (${
      code ?? 'by a signal'
    }); stopping the rest.`,
  );
  return 1;
});

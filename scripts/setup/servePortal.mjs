import { ensureFrontendBuilt } from './frontend.mjs';
import { startPortal } from './portal.mjs';
import { say } from './say.mjs';

/** A portal that serves its built front end, until it is stopped or one of its programs ends. */
export async function servePortal(tools) {
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
  return {
    ...portal,
    async untilItEnds() {
      const [name, code] = await Promise.race(
        [portal.backend, portal.servers, portal.partner].map(
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
    },
  };
}

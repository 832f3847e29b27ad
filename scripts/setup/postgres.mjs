import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './paths.mjs';
import { freePort } from './ports.mjs';
import { start } from './processes.mjs';
import { SetupError, step } from './say.mjs';

/**
 * Starts a real PostgreSQL for this command, in a folder of its own that goes
 * with it. Returns the connection string of its superuser.
 */
export async function startPostgres({ node, env }) {
  const port = await freePort();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-portal-postgres-'));
  // PostgreSQL refuses to run as root; started by root it runs as a user of its
  // own, who must be able to enter this folder. Its data is closed to others.
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return step('Starting a PostgreSQL for the tests', async () => {
    const child = start(
      node,
      [
        path.join(root, 'scripts/setup/postgresServer.mjs'),
        folder,
        String(port),
      ],
      { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    const ready = new Promise((resolve, reject) => {
      const read = text => {
        output = (output + text).slice(-5000);
        if (output.includes('postgres is ready')) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.once('exit', () =>
        reject(
          new SetupError(`PostgreSQL did not start for the tests:\n${output}`),
        ),
      );
    });
    await ready;
    return `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  });
}

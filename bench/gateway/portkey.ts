import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const VERSION = '1.15.2';

/**
 * The server library that Portkey was built against. With the newest that its
 * range allows, its streams fail with "TypeError: immutable" (its issue 1389).
 */
const NODE_SERVER = '1.3.3';

/**
 * Installs Portkey's gateway into a temporary folder, outside of our lockfile.
 *
 * @returns the script that starts it, or why it could not be had
 */
export async function installPortkey(): Promise<
  { script: string; remove: () => Promise<void> } | { missing: string }
> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-portal-portkey-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({
        private: true,
        dependencies: { '@portkey-ai/gateway': VERSION },
        overrides: { '@hono/node-server': NODE_SERVER },
      }),
    );
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        folder,
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
      ],
      { stdio: 'pipe', timeout: 180_000, cwd: folder },
    );
    const script = path.join(
      folder,
      'node_modules/@portkey-ai/gateway/build/start-server.js',
    );
    return { script, remove };
  } catch (error) {
    await remove();
    const said = String((error as { stderr?: unknown }).stderr ?? error);
    return { missing: said.trim().split('\n')[0] };
  }
}

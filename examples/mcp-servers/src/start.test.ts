import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'example-start-'));
});

afterEach(() => {
  children.splice(0).forEach(child => child.kill('SIGKILL'));
  rmSync(directory, { recursive: true });
});

/** Starts the program as `npm start` does, and gathers what it prints. */
function start(port: string) {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, 'start.ts'),
      '--port',
      port,
      '--data',
      directory,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  const printed = { out: '', error: '' };
  child.stdout.on('data', chunk => (printed.out += chunk));
  child.stderr.on('data', chunk => (printed.error += chunk));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => resolve(printed.out));
    child.once('exit', () => reject(new Error(printed.error)));
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, printed, ready, ended };
}

describe('the program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says in one line when it is ready and ends by itself on %s',
    async signal => {
      const { child, printed, ready, ended } = start('0');
      const line = await ready;
      const url = /http:\S+\/orders\/mcp/.exec(line)?.[0] as string;
      expect((await fetch(url)).status).toBe(405);

      child.kill(signal);

      expect(await ended).toBe(0);
      expect(printed.out.trim().split('\n')).toHaveLength(1);
      expect(printed.error).toBe('');
    },
    30_000,
  );

  it('says in one sentence that the port is in use', async () => {
    const first = start('0');
    const port = /127\.0\.0\.1:(\d+)/.exec(await first.ready)?.[1] as string;
    const second = start(port);
    second.ready.catch(() => {});

    expect(await second.ended).toBe(1);
    expect(second.printed.error.trim()).toBe(
      `The example MCP servers cannot start: Port ${port} of 127.0.0.1 is in use. Stop the program that uses it, or give another port with --port or EXAMPLE_SERVERS_PORT.`,
    );
  }, 30_000);

  it('refuses a port that is none', async () => {
    const { ready, ended, printed } = start('tcp');
    ready.catch(() => {});
    expect(await ended).toBe(1);
    expect(printed.error).toContain('"tcp" is not a port');
  }, 30_000);
});

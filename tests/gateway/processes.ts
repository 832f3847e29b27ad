import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = path.resolve(__dirname, '../..');
/** On a machine that has much else to do. */
const START_MS = 180_000;

/** What of a backend is started. */
export type Program = 'gateway' | 'portal' | 'worker';

const PROGRAMS: Record<Program, string> = {
  gateway: 'packages/gateway/src/index.ts',
  portal: 'tests/gateway/portalProcess.ts',
  worker: 'tests/crash/workerProcess.ts',
};

/** A backend as a process of its own, on the address that it always has. */
export class BackendProcess {
  readonly url: string;
  readonly #options: BackendOptions;
  #child?: ChildProcess;
  #gone: Promise<unknown> = Promise.resolve();

  constructor(options: BackendOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  /** Resolves when it is ready for calls. */
  async start(): Promise<void> {
    const { config, folder, name, port, program } = this.#options;
    const { portalPort = port, variables } = this.#options;
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(config));
    const child = spawn(
      process.execPath,
      [
        '--require',
        path.join(ROOT, 'scripts/setup/endWithParent.cjs'),
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        path.join(ROOT, PROGRAMS[program]),
        '--config',
        file,
        ...(program === 'gateway'
          ? [
              '--config',
              path.join(ROOT, 'packages/gateway/app-config.gateway.yaml'),
            ]
          : []),
      ],
      {
        cwd: path.join(ROOT, 'packages/gateway'),
        env: {
          ...process.env,
          NODE_ENV: 'production',
          AGENT_PORTAL_GATEWAY_PORT: String(port),
          AGENT_PORTAL_URL: `http://127.0.0.1:${portalPort}`,
          ...variables,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    this.#gone = once(child, 'exit');
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-20_000);
      if (process.env.GATEWAY_VERBOSE) {
        process.stderr.write(text);
      }
    };
    child.stdout!.setEncoding('utf8').on('data', keep);
    child.stderr!.setEncoding('utf8').on('data', keep);
    for (const deadline = Date.now() + START_MS; ; await sleep(100)) {
      if (await this.isReady()) {
        return;
      }
      if (child.exitCode !== null || Date.now() > deadline) {
        await this.kill();
        throw new Error(`${name} did not start:\n${output}`);
      }
    }
  }

  /** As a load balancer asks. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(
        `${this.url}/.backstage/health/v1/readiness`,
      );
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Sends it a signal that it knows. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Asks it to end; resolves with its exit code. */
  async end(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    await this.#gone;
    return this.#child?.exitCode ?? null;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }
}

interface BackendOptions {
  program: Program;
  name: string;
  /** For its configuration. */
  folder: string;
  port: number;
  /** Where the portal is, if that is another one. */
  portalPort?: number;
  config: object;
  /** Of its environment. */
  variables?: Record<string, string>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

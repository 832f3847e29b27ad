import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalClient } from './PortalClient';

const ROOT = path.resolve(__dirname, '../..');
const START_MS = 180_000;

/** A whole portal in production as a process of its own, on the address that it always has. */
export class PortalProcess {
  readonly client: PortalClient;
  readonly #options: {
    name: string;
    folder: string;
    port: number;
    config: object;
  };
  #child?: ChildProcess;
  #gone: Promise<unknown> = Promise.resolve();

  constructor(options: {
    name: string;
    /** For its configuration and data. */
    folder: string;
    port: number;
    /** What is added to app-config.yaml and to the configuration of tests. */
    config: object;
  }) {
    this.#options = options;
    this.client = new PortalClient(`http://127.0.0.1:${options.port}`);
  }

  /** Resolves when it is ready for calls. */
  async start(): Promise<void> {
    const { name, folder, port, config } = this.#options;
    const data = path.join(folder, name);
    mkdirSync(data, { recursive: true });
    const file = path.join(data, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    const child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        path.join(ROOT, 'tests/portal/portalProcess.ts'),
        ...['app-config.yaml', 'tests/portal/app-config.yaml', file].flatMap(
          each => ['--config', path.resolve(ROOT, each)],
        ),
      ],
      {
        cwd: path.join(ROOT, 'packages/backend'),
        env: {
          ...process.env,
          NODE_ENV: 'production',
          AGENT_PORTAL_PORT: String(port),
          AGENT_PORTAL_DATA: data,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    this.#gone = once(child, 'exit');
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', text => {
        output = (output + text).slice(-20_000);
      });
    }
    for (const deadline = Date.now() + START_MS; ; await sleep(250)) {
      const answer = await this.client
        .send({ method: 'GET', path: '/.backstage/health/v1/readiness' })
        .catch(() => undefined);
      if (answer?.status === 200) {
        return;
      }
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${name} did not start:\n${output}`);
      }
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }
}

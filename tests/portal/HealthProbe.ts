import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const EVERY_MS = 50;

/** A web server that has nothing else to do: what it takes to answer is the machine's fault. */
const IDLE_SERVER = `
require('node:http').createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', function () {
  process.stdout.write(String(this.address().port));
});
`;

/** Asks in a thread of its own, so that what the test does itself is not measured. */
const PROBE = `
const { workerData, parentPort } = require('node:worker_threads');
const { Agent, get } = require('node:http');
// A connection of its own each time: one that is kept may close as it is used again.
const agent = new Agent({ keepAlive: false });
const ask = url => new Promise(resolve => {
  const started = performance.now();
  const done = ok => resolve({ ms: performance.now() - started, ok });
  get(url, { agent, timeout: 30000 }, response => {
    response.resume().once('end', () => done(response.statusCode === 200));
  }).on('error', () => done(false)).once('timeout', function () { this.destroy(); });
});
setInterval(async () => {
  const [portal, idle] = await Promise.all([ask(workerData.portal), ask(workerData.idle)]);
  parentPort.postMessage({ ms: Math.max(0, portal.ms - idle.ms), ok: portal.ok });
}, workerData.everyMs);
`;

/**
 * Measures how much longer than an idle server the portal takes to say that it is alive, for as long as it runs.
 * On a machine that is busy with something else both are late, which is no fault of the portal.
 */
export class HealthProbe {
  readonly #idleServer: ChildProcess;
  readonly #worker: Worker;
  readonly #ms: number[] = [];
  #failed = 0;

  static async start(url: string): Promise<HealthProbe> {
    const idleServer = spawn(process.execPath, ['-e', IDLE_SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await new Promise<string>(resolve => {
      idleServer.stdout.setEncoding('utf8').once('data', resolve);
    });
    return new HealthProbe(
      idleServer,
      new Worker(PROBE, {
        eval: true,
        workerData: {
          portal: `${url}/.backstage/health/v1/liveness`,
          idle: `http://127.0.0.1:${port}/`,
          everyMs: EVERY_MS,
        },
      }),
    );
  }

  private constructor(idleServer: ChildProcess, worker: Worker) {
    this.#idleServer = idleServer;
    this.#worker = worker;
    worker.on('message', ({ ms, ok }) => {
      this.#ms.push(ms);
      this.#failed += ok ? 0 : 1;
    });
  }

  /** Waits until a portal that has just started has done what it does once, such as reading the catalog. */
  async untilCalm(limitMs: number, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    do {
      this.take();
      await sleep(3_000);
    } while (this.take().maxMs >= limitMs / 2 && Date.now() < deadline);
  }

  /**
   * What was wrong since the last time that somebody asked: 99 of 100 answers must come within the limit, and none
   * may take five times as long or be missing.
   */
  judge(limitMs: number): { measured: string; problem?: string } {
    const { probes, failed, maxMs, p99Ms } = this.take();
    const measured = `${probes} probes, 99 % within ${p99Ms.toFixed(
      0,
    )} ms, at most ${maxMs.toFixed(0)} ms, ${failed} not answered`;
    const good = failed === 0 && p99Ms < limitMs && maxMs < 5 * limitMs;
    return {
      measured,
      ...(!good && { problem: `The portal stood still: ${measured}` }),
    };
  }

  /** What was measured since the last time that somebody asked. */
  take(): { probes: number; failed: number; maxMs: number; p99Ms: number } {
    const sorted = this.#ms.splice(0).sort((a, b) => a - b);
    const failed = this.#failed;
    this.#failed = 0;
    return {
      probes: sorted.length,
      failed,
      maxMs: sorted.at(-1) ?? 0,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
    this.#idleServer.kill();
  }
}

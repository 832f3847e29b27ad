import { Worker } from 'node:worker_threads';

const EVERY_MS = 50;

/** Asks in a thread of its own, so that what the test does itself is not measured. */
const PROBE = `
const { workerData, parentPort } = require('node:worker_threads');
const { Agent, get } = require('node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const probe = () => {
  const started = performance.now();
  const done = ok => parentPort.postMessage({ ms: performance.now() - started, ok });
  get(workerData.url + '/.backstage/health/v1/liveness', { agent, timeout: 30000 }, response => {
    response.resume().once('end', () => done(response.statusCode === 200));
  }).once('error', () => done(false)).once('timeout', function () { this.destroy(); });
};
setInterval(probe, workerData.everyMs);
`;

/** Measures how long the portal takes to say that it is alive, for as long as it runs. */
export class HealthProbe {
  readonly #worker: Worker;
  readonly #ms: number[] = [];
  #failed = 0;

  constructor(url: string) {
    this.#worker = new Worker(PROBE, {
      eval: true,
      workerData: { url, everyMs: EVERY_MS },
    });
    this.#worker.on('message', ({ ms, ok }) => {
      this.#ms.push(ms);
      this.#failed += ok ? 0 : 1;
    });
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
  }
}

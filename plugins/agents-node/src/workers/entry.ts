import { Worker } from 'node:worker_threads';
import { OUT_OF_TIME, type WorkerMessage } from './WorkerProcess';

/**
 * What every process of a pool runs: it loads the module of the pool, which its first
 * argument names, and answers one task after another. Its second one says how much processor
 * time each may take, in milliseconds.
 */
async function main(filename: string, cpuMs: number) {
  const { default: work } = require(filename) as {
    default: (task: unknown) => unknown;
  };
  const clock = startClock(cpuMs);
  process.on('message', async (task: unknown) => {
    clock.begin();
    try {
      send({ kind: 'result', value: await work(task) });
    } catch (error) {
      send({ kind: 'error', error: asError(error) });
    } finally {
      clock.end();
    }
  });
  process.on('disconnect', () => process.exit());
  send({ kind: 'ready' });
}

/**
 * Ends the process from a thread of its own when a task has had the processor for too long, or
 * when the process that started this one is gone: a task that runs for ever sees neither. The
 * time that a busy machine lets it wait is no time of the processor.
 */
function startClock(cpuMs: number): { begin(): void; end(): void } {
  const begun = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  new Worker(
    `const { begun, cpuMs, parent, signal } = require('node:worker_threads').workerData;
     setInterval(() => {
       const { user, system } = process.cpuUsage();
       const at = Atomics.load(begun, 0);
       if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
       if (at >= 0 && (user + system) / 1_000 - at > cpuMs) process.kill(process.pid, signal);
     }, Math.min(100, cpuMs));`,
    {
      eval: true,
      workerData: { begun, cpuMs, parent: process.ppid, signal: OUT_OF_TIME },
      execArgv: [],
    },
  ).unref();
  return {
    begin: () => {
      const { user, system } = process.cpuUsage();
      Atomics.store(begun, 0, Math.round((user + system) / 1_000));
    },
    end: () => {
      Atomics.store(begun, 0, -1);
    },
  };
}

function send(message: WorkerMessage) {
  process.send?.(message);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

main(process.argv[2], Number(process.argv[3])).catch(error => {
  process.send?.({ kind: 'error', error: asError(error) }, () =>
    process.exit(1),
  );
});

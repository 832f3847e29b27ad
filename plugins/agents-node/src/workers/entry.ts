import { Worker } from 'node:worker_threads';
import type { WorkerMessage } from './WorkerProcess';

/**
 * What every process of a pool runs: it loads the module of the pool, which its only
 * argument names, and answers one task after another.
 */
async function main(filename: string) {
  const { default: work } = require(filename) as {
    default: (task: unknown) => unknown;
  };
  process.on('message', async (task: unknown) => {
    try {
      send({ kind: 'result', value: await work(task) });
    } catch (error) {
      send({ kind: 'error', error: asError(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  endWithParent();
  send({ kind: 'ready' });
}

/** A task that runs for ever does not see that the process that started it is gone. */
function endWithParent() {
  new Worker(
    `const { workerData } = require('node:worker_threads');
     setInterval(() => {
       if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
     }, 1_000);`,
    { eval: true, workerData: process.ppid, execArgv: [] },
  ).unref();
}

function send(message: WorkerMessage) {
  process.send?.(message);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

main(process.argv[2]).catch(error => {
  process.send?.({ kind: 'error', error: asError(error) }, () =>
    process.exit(1),
  );
});

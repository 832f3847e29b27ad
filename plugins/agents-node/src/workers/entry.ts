import { parentPort, workerData } from 'node:worker_threads';

const { filename } = workerData as { filename: string };
const { default: work } = require(filename) as {
  default: (task: unknown) => unknown;
};

/**
 * What every thread of a pool runs: it tells when a task begins, which is when its
 * time begins, and hands it to the module of the pool.
 */
export default function run({ id, task }: { id: number; task: unknown }) {
  parentPort?.postMessage({ begun: id });
  return work(task);
}

import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5;
const LATE_MS = 200;

/** Whether what waits for the event loop waits too long: the process has more to do than it can. */
export async function isLate(): Promise<boolean> {
  const began = performance.now();
  await sleep(PAUSE_MS);
  return performance.now() - began - PAUSE_MS > LATE_MS;
}

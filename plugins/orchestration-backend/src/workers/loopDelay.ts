import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5;

/** How late the event loop is by now, in milliseconds: what waits for it has waited so long. */
export async function loopDelay(): Promise<number> {
  const began = performance.now();
  await sleep(PAUSE_MS);
  return performance.now() - began - PAUSE_MS;
}

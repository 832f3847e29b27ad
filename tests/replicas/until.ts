import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something has come true; what throws has not. */
export async function until(
  condition: () => Promise<boolean>,
  { timeoutMs = 90_000, everyMs = 500 } = {},
): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(everyMs)) {
    const error = await condition().then(
      met => (met ? undefined : new Error('It did not come true in time')),
      problem => problem as Error,
    );
    if (!error) {
      return;
    }
    if (Date.now() > deadline) {
      throw error;
    }
  }
}

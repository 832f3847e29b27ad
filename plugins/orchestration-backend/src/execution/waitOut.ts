import { toOutage } from '@agentportal/plugin-agents-node';
import { ServiceUnavailableError } from '@backstage/errors';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 500;

/**
 * Does something that needs the database or another plugin, and does it again while these
 * are away: an outage takes time from a run, and does not end it. Only for what may be
 * done twice.
 *
 * @param signal - aborted when the run has no time left, or is stopped
 */
export async function waitOut<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!ServiceUnavailableError.is(toOutage(error))) {
        throw error;
      }
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

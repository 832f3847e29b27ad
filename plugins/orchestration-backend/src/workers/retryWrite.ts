import { ConflictError } from '@backstage/errors';

const PAUSE_MS = 1_000;

/**
 * Writes, and tries again while the database does not answer. How a run ended
 * must not be forgotten because the database was started anew at that moment. A
 * claim that is lost does not come back, so a conflict is not tried again.
 */
export async function retryWrite<T>(
  write: () => Promise<T>,
  options: {
    /** No further attempt after this time. */
    forMs: number;
    /** No further attempt once aborted, as when the backend shuts down. */
    signal?: AbortSignal;
  },
): Promise<T> {
  const deadline = Date.now() + options.forMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (
        error instanceof ConflictError ||
        options.signal?.aborted ||
        Date.now() >= deadline
      ) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS).unref());
    }
  }
}

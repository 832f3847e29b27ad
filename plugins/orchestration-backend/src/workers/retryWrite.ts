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
    /** Of which errors another attempt is worth it; of all but conflicts unless given. */
    isWorthIt?: (error: unknown) => boolean;
  },
): Promise<T> {
  const { isWorthIt = error => !(error instanceof ConflictError) } = options;
  const deadline = Date.now() + options.forMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (
        !isWorthIt(error) ||
        options.signal?.aborted ||
        Date.now() >= deadline
      ) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS).unref());
    }
  }
}

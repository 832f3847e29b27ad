import type { Knex } from 'knex';

/**
 * Deletes the states of a run that has ended, which nobody goes on with: its own, and
 * those of agents that were handed work in it, which lie under its id.
 */
export async function deleteThreadsOf(
  tx: Knex.Transaction,
  runId: string,
): Promise<void> {
  await tx('orchestration_checkpoint_threads')
    .where('thread_id', runId)
    // What begins with the id and a slash; the next character is the 0.
    .orWhere(under =>
      under
        .where('thread_id', '>', `${runId}/`)
        .andWhere('thread_id', '<', `${runId}0`),
    )
    .delete();
}

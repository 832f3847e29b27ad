import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';

/** A claim on a run, as the claim of its row gave it. */
export interface RunClaim {
  runId: string;
  fence: number;
}

/**
 * Refuses to go on when the process has lost its claim on a run. The lock keeps
 * others from taking or ending the run before the transaction is over.
 *
 * @param what - what it may not write any more
 */
export async function requireClaim(
  tx: Knex.Transaction,
  { runId, fence }: RunClaim,
  what: string,
): Promise<void> {
  const held = await tx('orchestration_runs')
    .where({ id: runId, fence, status: 'running' })
    .select('id')
    .forShare()
    .first();
  if (!held) {
    throw new ConflictError(
      `Run ${runId} has ended, or another process has it; this one may write ${what} of it.`,
    );
  }
}

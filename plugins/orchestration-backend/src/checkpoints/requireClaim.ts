import { ConflictError, InputError } from '@backstage/errors';
import type { RunnableConfig } from '@langchain/core/runnables';
import type { Knex } from 'knex';
import { z } from 'zod/v4';

const claimSchema = z.object({
  runId: z.string().min(1),
  fence: z.number().int(),
});

/**
 * Refuses to go on when the process has lost its claim on a run, which is in
 * `configurable.run_claim`; without one nothing is refused. The lock keeps
 * others from taking the run before the transaction is over.
 */
export async function requireClaim(
  tx: Knex.Transaction,
  config: RunnableConfig,
): Promise<void> {
  const given = config.configurable?.run_claim;
  if (given === undefined) {
    return;
  }
  const { data: claim } = claimSchema.safeParse(given);
  if (!claim) {
    throw new InputError(
      'configurable.run_claim must be { runId, fence }, as the claim on the run gave it.',
    );
  }
  const held = await tx('orchestration_runs')
    .where({ id: claim.runId, fence: claim.fence, status: 'running' })
    .select('id')
    .forShare()
    .first();
  if (!held) {
    throw new ConflictError(
      `Run ${claim.runId} has ended, or another process has it; this one may write no more checkpoints of it.`,
    );
  }
}

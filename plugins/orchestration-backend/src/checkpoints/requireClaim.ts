import { ConflictError, InputError } from '@backstage/errors';
import type { RunnableConfig } from '@langchain/core/runnables';
import type { Knex } from 'knex';
import { z } from 'zod/v4';

const claimSchema = z.object({
  runId: z.string().min(1),
  fence: z.number().int(),
});

/** A claim on a run, as the claim of its row gave it. */
export type RunClaim = z.infer<typeof claimSchema>;

/** The claim in `configurable.run_claim`, if there is one. */
export function claimOf(config: RunnableConfig): RunClaim | undefined {
  const { data, success } = claimSchema
    .optional()
    .safeParse(config.configurable?.run_claim);
  if (!success) {
    throw new InputError(
      'configurable.run_claim must be { runId, fence }, as the claim on the run gave it.',
    );
  }
  return data;
}

/**
 * Refuses to go on when the process has lost its claim on a run; without one
 * nothing is refused. The lock keeps others from taking the run before the
 * transaction is over.
 */
export async function requireClaim(
  tx: Knex.Transaction,
  claim: RunClaim | undefined,
): Promise<void> {
  if (!claim) {
    return;
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

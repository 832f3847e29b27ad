import { InputError } from '@backstage/errors';
import type { RunnableConfig } from '@langchain/core/runnables';
import { z } from 'zod/v4';
import type { RunClaim } from '../store/requireClaim';

const claimSchema = z.object({
  runId: z.string().min(1),
  fence: z.number().int(),
}) satisfies z.ZodType<RunClaim>;

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

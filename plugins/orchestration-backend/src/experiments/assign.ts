import { createHash } from 'node:crypto';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';

/** What is written down with a run. */
export type Assignment = NonNullable<RunSummary['experiment']>;

/** Hexadecimal digits of a digest; of a million people no two have the same. */
const UNIT_DIGITS = 32;

/**
 * Gives somebody an arm for good: the same person has the same place between 0 and 1 in all runs of an experiment,
 * on every replica and without a row, and another place in another experiment. Those below the share get the
 * candidate, so a share that grows moves people to the candidate and none away.
 *
 * The digest tells nobody who it was, and is no secret: whoever knows a person and the experiment can compute it.
 */
export function assign(
  { id, share, step }: { id: string; share: number; step: number },
  who: string,
): Assignment {
  const digest = createHash('sha256').update(`${id}\n${who}`).digest();
  const place = digest.readUIntBE(0, 6) / 2 ** 48;
  return {
    id,
    step,
    arm: place < share ? 'candidate' : 'in-force',
    unit: digest.toString('hex').slice(0, UNIT_DIGITS),
  };
}

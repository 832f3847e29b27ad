import type { Autonomy, RiskTier } from '../kinds/riskTier';

const CEILING: Record<Autonomy, readonly RiskTier[]> = {
  copilot: ['read'],
  supervised: ['read', 'write'],
  autopilot: ['read', 'write', 'external'],
};

/**
 * The risk tiers that an agent may use without an approval. `critical` is in
 * none of them: it always needs a grant.
 *
 * @public
 */
export function autonomyCeiling(autonomy: Autonomy): RiskTier[] {
  return [...(CEILING[autonomy] ?? [])];
}

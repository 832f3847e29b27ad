import {
  AUTONOMY_LEVELS,
  type Autonomy,
  type RiskTier,
} from '../kinds/riskTier';

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

/**
 * The most careful of some levels of autonomy. What is no level is the most
 * careful of all: it covers nothing.
 *
 * @public
 */
export function lowestAutonomy(levels: [Autonomy, ...Autonomy[]]): Autonomy {
  return levels.reduce((lowest, level) =>
    AUTONOMY_LEVELS.indexOf(level) < AUTONOMY_LEVELS.indexOf(lowest)
      ? level
      : lowest,
  );
}

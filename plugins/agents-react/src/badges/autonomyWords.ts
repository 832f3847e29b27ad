import type { Autonomy, RiskTier } from '@agentportal/plugin-agents-common';

const RISK_SENTENCES: Record<RiskTier, string> = {
  read: 'Reads, changes nothing.',
  write: 'Changes data of our own, in a way that can be undone.',
  external: 'Reaches beyond our own systems.',
  critical: 'Destroys or spends; a person has to approve each call.',
  forbidden: 'Known, but never called.',
};

const AUTONOMY_SENTENCES: Record<Autonomy, string> = {
  copilot: 'May read by itself; everything else waits for a person.',
  supervised:
    'May read and change our own data by itself; the rest waits for a person.',
  autopilot:
    'May read, change our own data and reach outside by itself; critical calls wait for a person.',
};

/**
 * What a risk tier means, in one sentence.
 *
 * @public
 */
export function describeRiskTier(tier: RiskTier): string {
  return RISK_SENTENCES[tier];
}

/**
 * What a level of autonomy means, in one sentence.
 *
 * @public
 */
export function describeAutonomy(level: Autonomy): string {
  return AUTONOMY_SENTENCES[level];
}

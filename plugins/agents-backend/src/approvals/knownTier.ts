import { RISK_TIERS, type RiskTier } from '@agentportal/plugin-agents-common';
import { type CatalogTrust, isMirrored } from '@agentportal/plugin-agents-node';
import type { Entity } from '@backstage/catalog-model';

/**
 * The risk tier of a tool, where the gateway says it, or somebody whom the gateway
 * believes; undefined also for what is no tier.
 */
export function knownTier(
  tool: Entity | undefined,
  trust: CatalogTrust,
): RiskTier | undefined {
  const tier = tool?.spec?.riskTier as RiskTier | undefined;
  const isKnown =
    tool !== undefined &&
    (isMirrored(tool) || trust.mayState('riskTier.lower', { stating: tool }));
  return isKnown && tier && RISK_TIERS.includes(tier) ? tier : undefined;
}

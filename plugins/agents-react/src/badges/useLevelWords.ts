import {
  AUTONOMY_LEVELS,
  RISK_TIERS,
  type Autonomy,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsReactTranslationRef } from '../translation';

/**
 * What risk tiers and levels of autonomy are called, and what each means in one sentence. What an entity or a server
 * calls a level that there is not, stays as it is.
 *
 * @public
 */
export function useLevelWords() {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const known = <T extends string>(all: readonly T[], word: string) =>
    all.find(each => each === word);
  return {
    autonomy(level: Autonomy): string {
      const one = known(AUTONOMY_LEVELS, level);
      return one ? t(`autonomy.${one}.word`) : level;
    },
    describeAutonomy(level: Autonomy): string {
      const one = known(AUTONOMY_LEVELS, level);
      return one ? t(`autonomy.${one}.means`) : '';
    },
    risk(tier: RiskTier): string {
      const one = known(RISK_TIERS, tier);
      return one ? t(`risk.${one}.word`) : tier;
    },
    describeRisk(tier: RiskTier): string {
      const one = known(RISK_TIERS, tier);
      return one ? t(`risk.${one}.means`) : '';
    },
  };
}

import type { RiskTier } from '@agentportal/plugin-agents-common';
import { describeRiskTier } from './autonomyWords';
import styles from './badges.module.css';

/**
 * Props of {@link RiskBadge}.
 *
 * @public
 */
export interface RiskBadgeProps {
  tier: RiskTier;
}

const CLASSES: Record<RiskTier, string> = {
  read: styles.neutral,
  write: styles.info,
  external: styles.warning,
  critical: styles.danger,
  forbidden: styles.forbidden,
};

/**
 * The risk tier of a tool: its word in its colour, `forbidden` struck through.
 *
 * @public
 */
export function RiskBadge(props: RiskBadgeProps) {
  const { tier } = props;
  return (
    <span
      className={`${styles.badge} ${CLASSES[tier] ?? styles.neutral}`}
      title={describeRiskTier(tier)}
      data-tier={tier}
    >
      {tier}
    </span>
  );
}

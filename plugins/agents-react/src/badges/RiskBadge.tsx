import type { RiskTier } from '@agentportal/plugin-agents-common';
import { useLevelWords } from './useLevelWords';
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
  const words = useLevelWords();
  return (
    <span
      className={`${styles.badge} ${CLASSES[tier] ?? styles.neutral}`}
      title={words.describeRisk(tier)}
      data-tier={tier}
    >
      {words.risk(tier)}
    </span>
  );
}

import {
  AUTONOMY_LEVELS,
  type Autonomy,
} from '@agentportal/plugin-agents-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsReactTranslationRef } from '../translation';
import { useLevelWords } from './useLevelWords';
import styles from './badges.module.css';

/**
 * Props of {@link AutonomyDots}.
 *
 * @public
 */
export interface AutonomyDotsProps {
  level: Autonomy;
  /** Shows the word beside the dots. */
  withLabel?: boolean;
}

/**
 * How far an agent may go by itself: one, two or three filled dots.
 *
 * @public
 */
export function AutonomyDots(props: AutonomyDotsProps) {
  const { level, withLabel } = props;
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const words = useLevelWords();
  const word = words.autonomy(level);
  const filled = AUTONOMY_LEVELS.indexOf(level) + 1;
  return (
    <span
      className={styles.autonomy}
      title={`${word}: ${words.describeAutonomy(level)}`}
    >
      <svg
        className={styles.dots}
        viewBox="0 0 28 8"
        width="28"
        height="8"
        role={withLabel ? undefined : 'img'}
        aria-hidden={withLabel ? true : undefined}
        aria-label={
          withLabel ? undefined : t('autonomy.label', { level: word })
        }
      >
        {AUTONOMY_LEVELS.map((name, index) => (
          <circle
            key={name}
            cx={4 + index * 10}
            cy="4"
            r="3"
            className={index < filled ? styles.dotOn : styles.dotOff}
            data-filled={index < filled}
          />
        ))}
      </svg>
      {withLabel && <span>{word}</span>}
    </span>
  );
}

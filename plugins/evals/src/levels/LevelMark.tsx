import type { Level } from '@agentportal/plugin-evals-common';
import styles from './levels.module.css';

/** Levels from the lowest on. */
export const LEVELS = ['none', 'bronze', 'silver', 'gold'] as const;

const WORDS: Record<Level, string> = {
  none: 'No level yet',
  bronze: 'Bronze',
  silver: 'Silver',
  gold: 'Gold',
};

/** What a level is called. */
export function levelWord(level: Level): string {
  return WORDS[level] ?? level;
}

function Shape({ level }: { level: Level }) {
  switch (level) {
    case 'bronze':
      return <path d="M8 2L14.5 13.5H1.5z" />;
    case 'silver':
      return <rect x="2.4" y="2.4" width="11.2" height="11.2" rx="1.5" />;
    case 'gold':
      return (
        <path d="M8 .8l2.2 4.6 5 .7-3.6 3.5.9 5L8 12.2l-4.5 2.4.9-5L.8 6.1l5-.7z" />
      );
    default:
      return (
        <circle
          cx="8"
          cy="8"
          r="5.6"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeDasharray="3 2"
        />
      );
  }
}

/** A level as a word and a shape of its own: triangle, square, star. */
export function LevelMark(props: { level: Level; size?: 'small' | 'large' }) {
  const { level, size = 'small' } = props;
  const pixels = size === 'large' ? 24 : 14;
  return (
    <span className={styles.level} data-level={level} data-size={size}>
      <svg
        viewBox="0 0 16 16"
        width={pixels}
        height={pixels}
        fill="currentColor"
        aria-hidden
      >
        <Shape level={level} />
      </svg>
      <span className={styles.word}>{levelWord(level)}</span>
    </span>
  );
}

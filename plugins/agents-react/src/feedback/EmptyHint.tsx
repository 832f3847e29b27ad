import type { ReactNode } from 'react';
import styles from './feedback.module.css';

/**
 * Props of {@link EmptyHint}.
 *
 * @public
 */
export interface EmptyHintProps {
  /** What is not here: "No runs yet". */
  title: string;
  /** What to do next, in a sentence. */
  children?: ReactNode;
  /** Buttons or links that do it. */
  actions?: ReactNode;
  icon?: ReactNode;
  /** Less room, for use inside a card; off unless told. */
  compact?: boolean;
}

/**
 * An empty place that teaches the next action.
 *
 * @public
 */
export function EmptyHint(props: EmptyHintProps) {
  const { title, children, actions, icon, compact } = props;
  return (
    <div className={compact ? styles.emptyCompact : styles.empty}>
      {icon && (
        <div className={styles.emptyIcon} aria-hidden="true">
          {icon}
        </div>
      )}
      <p className={styles.emptyTitle}>{title}</p>
      {children && <div className={styles.emptyText}>{children}</div>}
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}

import type { ReactNode } from 'react';
import styles from './layout.module.css';

/** What a page is of, what there is to say about it first, and what can be done. */
export function PageHead(props: {
  title: ReactNode;
  actions?: ReactNode;
  /** Facts in a quiet line. */
  children?: ReactNode;
}) {
  const { actions, children, title } = props;
  return (
    <header className={styles.head}>
      <div className={styles.headWords}>
        <h2 className={styles.title}>{title}</h2>
        {children && <div className={styles.facts}>{children}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}

import { Box } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './layout.module.css';

/** A part of a page under its own heading. */
export function Section(props: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { actions, children, title } = props;
  return (
    <Box
      as="section"
      bg="neutral"
      className={styles.section}
      aria-label={title}
    >
      <div className={styles.sectionHead}>
        <h3 className={styles.sectionTitle}>{title}</h3>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </Box>
  );
}

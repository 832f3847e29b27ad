import type { ReactNode } from 'react';
import { Box } from '@backstage/ui';
import styles from './overview.module.css';

/** A part of an overview under its own heading. */
export function Section(props: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  const { title, action, children } = props;
  return (
    <Box
      as="section"
      bg="neutral"
      className={styles.section}
      aria-label={title}
    >
      <div className={styles.sectionHead}>
        <h2 className={styles.sectionTitle}>{title}</h2>
        {action}
      </div>
      {children}
    </Box>
  );
}

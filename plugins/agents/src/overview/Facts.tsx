import type { ReactNode } from 'react';
import styles from './overview.module.css';

/** Names and values, one below the other; those without a value are left out. */
export function Facts(props: {
  items: ReadonlyArray<[name: string, value: ReactNode]>;
}) {
  return (
    <dl className={styles.facts}>
      {props.items
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

import styles from './badges.module.css';

/**
 * Props of {@link LifecycleTag}.
 *
 * @public
 */
export interface LifecycleTagProps {
  lifecycle: string;
}

const CLASSES: Record<string, string> = {
  production: styles.success,
  review: styles.info,
  suspended: styles.danger,
  retired: styles.forbidden,
  deprecated: styles.forbidden,
};

/**
 * The stage in the life of an agent, tool or model.
 *
 * @public
 */
export function LifecycleTag(props: LifecycleTagProps) {
  const { lifecycle } = props;
  return (
    <span
      className={`${styles.badge} ${CLASSES[lifecycle] ?? styles.neutral}`}
      data-lifecycle={lifecycle}
    >
      {lifecycle}
    </span>
  );
}

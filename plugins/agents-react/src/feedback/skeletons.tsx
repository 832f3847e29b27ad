import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import { agentsReactTranslationRef } from '../translation';
import styles from './feedback.module.css';

function times(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * Props of {@link LinesSkeleton}.
 *
 * @public
 */
export interface LinesSkeletonProps {
  lines?: number;
}

/**
 * Lines of text that are on their way.
 *
 * @public
 */
export function LinesSkeleton(props: LinesSkeletonProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { lines = 3 } = props;
  return (
    <div className={styles.lines} aria-busy="true">
      <VisuallyHidden>{t('skeletons.loading')}</VisuallyHidden>
      {times(lines).map(line => (
        <Skeleton
          key={line}
          height={14}
          width={line === lines - 1 ? '60%' : '100%'}
        />
      ))}
    </div>
  );
}

/**
 * Props of {@link RowsSkeleton}.
 *
 * @public
 */
export interface RowsSkeletonProps {
  rows?: number;
  /** Height of a row in pixels, that of the rows to come; 44 unless told. */
  rowHeight?: number;
}

/**
 * Rows of a table or list that are on their way.
 *
 * @public
 */
export function RowsSkeleton(props: RowsSkeletonProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { rows = 8, rowHeight = 44 } = props;
  return (
    <div aria-busy="true">
      <VisuallyHidden>{t('skeletons.loading')}</VisuallyHidden>
      {times(rows).map(row => (
        <div key={row} className={styles.row} style={{ height: rowHeight }}>
          <Skeleton width={28} height={28} rounded />
          <Skeleton width={`${28 + ((row * 7) % 18)}%`} height={14} />
          <Skeleton width="12%" height={14} />
          <Skeleton width="10%" height={14} />
        </div>
      ))}
    </div>
  );
}

/**
 * Props of {@link CardSkeleton}.
 *
 * @public
 */
export interface CardSkeletonProps {
  /** Height in pixels, that of the card to come; 168 unless told. */
  height?: number;
}

/**
 * A card with a face, a title and two lines that is on its way.
 *
 * @public
 */
export function CardSkeleton(props: CardSkeletonProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { height = 168 } = props;
  return (
    <div className={styles.card} style={{ height }} aria-busy="true">
      <VisuallyHidden>{t('skeletons.loading')}</VisuallyHidden>
      <div className={styles.cardHead}>
        <Skeleton width={40} height={40} />
        <Skeleton width="50%" height={16} />
      </div>
      <Skeleton width="95%" height={14} />
      <Skeleton width="70%" height={14} />
    </div>
  );
}

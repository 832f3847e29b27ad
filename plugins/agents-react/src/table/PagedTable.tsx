import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import type { ReactNode } from 'react';
import { ErrorPanel, RowsSkeleton } from '../feedback';
import type { Pages } from '../loading';
import { agentsReactTranslationRef } from '../translation';
import { RowTable, type TableColumn } from './RowTable';
import styles from './table.module.css';

/**
 * Props of {@link PagedTable}.
 *
 * @public
 */
export interface PagedTableProps<T> {
  pages: Pages<T>;
  columns: readonly TableColumn[];
  /** A `<tr>` with the item's id as its key. */
  row(item: T): ReactNode;
  /** What is said where there is nothing. */
  empty: ReactNode;
  /** Title of what is shown when the first page cannot be read. */
  failure: string;
  /** What is not in danger then. */
  safe?: string;
  /** Whether what the rows need besides, such as names, is here; `true` unless told. */
  isReady?: boolean;
  isFramed?: boolean;
  /** How many rows are held free while they are on their way. */
  expectedRows?: number;
}

/**
 * A list from `usePages` as a table: on its way, empty, failed, and growing on demand.
 *
 * @public
 */
export function PagedTable<T>(props: PagedTableProps<T>) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { pages, isReady = true, expectedRows = 2 } = props;
  const { error, hasMore, isLoadingMore, isPending, items } = pages;
  if (error && items.length === 0) {
    return (
      <ErrorPanel
        title={props.failure}
        error={error}
        safe={props.safe}
        onRetry={pages.reload}
      />
    );
  }
  if (isPending || (items.length > 0 && !isReady)) {
    return <RowsSkeleton rows={expectedRows} />;
  }
  if (items.length === 0) {
    return <>{props.empty}</>;
  }
  return (
    <>
      <RowTable columns={props.columns} isFramed={props.isFramed}>
        {items.map(props.row)}
      </RowTable>
      {error && (
        <p className={styles.quiet} role="status">
          {t('table.stale')}
        </p>
      )}
      {hasMore && (
        <Button
          className={styles.more}
          variant="secondary"
          isPending={isLoadingMore}
          onPress={pages.loadMore}
        >
          {t('table.more')}
        </Button>
      )}
    </>
  );
}

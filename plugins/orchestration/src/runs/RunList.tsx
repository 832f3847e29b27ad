import type { ListRunsQuery } from '@agentportal/plugin-orchestration-common';
import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import type { ReactNode } from 'react';
import { orchestrationApiRef } from '../api';
import { RunsTable } from './RunsTable';
import { useFreshRuns } from './useFreshRuns';
import styles from './runs.module.css';

const PAGE_SIZE = 25;

/** A list of runs that stays fresh and grows on demand. */
export function RunList(props: {
  query: ListRunsQuery;
  withAgent: boolean;
  isFiltered: boolean;
  onClear: () => void;
  /** What to do when there has never been a run. */
  emptyActions?: ReactNode;
}) {
  const { query, withAgent, isFiltered, onClear, emptyActions } = props;
  const api = useApi(orchestrationApiRef);
  const pages = usePages(JSON.stringify(query), (cursor, signal) =>
    api.listRuns({ ...query, limit: PAGE_SIZE, cursor }, { signal }),
  );
  const { runs, newCount } = useFreshRuns(query, pages.items);

  if (pages.isPending) {
    return <RowsSkeleton rows={10} rowHeight={44} />;
  }
  if (pages.error && runs.length === 0) {
    return (
      <ErrorPanel
        title="The runs could not be loaded"
        error={pages.error}
        safe="Runs that are under way go on."
        onRetry={pages.reload}
      />
    );
  }
  if (runs.length === 0 && newCount === 0) {
    return isFiltered ? (
      <EmptyHint
        title="No run matches"
        actions={
          <Button variant="secondary" onPress={onClear}>
            Clear filters
          </Button>
        }
      >
        Take a filter away to see more.
      </EmptyHint>
    ) : (
      <EmptyHint title="No runs that you may see" actions={emptyActions}>
        A question of yours becomes a run: ask one, and its steps, time and cost
        appear here. Runs of others are for those who own the agent.
      </EmptyHint>
    );
  }
  return (
    <div className={styles.list}>
      <div className={styles.news} role="status">
        {newCount > 0 && (
          <Button size="small" variant="secondary" onPress={pages.reload}>
            {newCount === 1 ? 'Show 1 new run' : `Show ${newCount} new runs`}
          </Button>
        )}
      </div>
      <RunsTable runs={runs} withAgent={withAgent} />
      {pages.error && (
        <ErrorPanel
          title="More runs could not be loaded"
          error={pages.error}
          onRetry={pages.loadMore}
        />
      )}
      {pages.hasMore && (
        <div className={styles.more}>
          <Button
            variant="secondary"
            isPending={pages.isLoadingMore}
            onPress={pages.loadMore}
          >
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}

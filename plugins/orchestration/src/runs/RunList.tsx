import type {
  ListRunsQuery,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  usePages,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState, type ReactNode } from 'react';
import { orchestrationApiRef } from '../api';
import { RunsTable } from './RunsTable';
import { Selection } from './Selection';
import { useFreshRuns } from './useFreshRuns';
import styles from './runs.module.css';

const PAGE_SIZE = 25;
const NONE: readonly RunSummary[] = [];

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
  // Across filters: two runs to compare need not be in one list.
  const [chosen, setChosen] = useState<readonly RunSummary[]>(NONE);

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
        Each question, and each start by a schedule or trigger, becomes a run:
        its steps, time and cost appear here. Runs of others are for those who
        own the agent.
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
      <Selection
        chosen={chosen}
        onClear={() => setChosen(NONE)}
        onRepeated={pages.reload}
      />
      <RunsTable
        runs={runs}
        withAgent={withAgent}
        chosen={chosen}
        onChoose={run =>
          setChosen(before =>
            before.some(({ id }) => id === run.id)
              ? before.filter(({ id }) => id !== run.id)
              : [...before, run],
          )
        }
      />
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

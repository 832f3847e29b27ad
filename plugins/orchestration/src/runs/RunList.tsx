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
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useState, type ReactNode } from 'react';
import { orchestrationApiRef } from '../api';
import { orchestrationTranslationRef } from '../translation';
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
  const { t } = useTranslationRef(orchestrationTranslationRef);
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
        title={t('runList.theRunsCouldNotBe')}
        error={pages.error}
        safe={t('runList.runsThatAreUnderWay')}
        onRetry={pages.reload}
      />
    );
  }
  if (runs.length === 0 && newCount === 0) {
    return isFiltered ? (
      <EmptyHint
        title={t('runList.noRunMatches')}
        actions={
          <Button variant="secondary" onPress={onClear}>
            {t('runList.clearFilters')}
          </Button>
        }
      >
        {t('runList.takeAFilterAwayTo')}
      </EmptyHint>
    ) : (
      <EmptyHint title={t('runList.noRunsThatYouMay')} actions={emptyActions}>
        {t('runList.eachQuestionAndEachStart')}
      </EmptyHint>
    );
  }
  return (
    <div className={styles.list}>
      <div className={styles.news} role="status">
        {newCount > 0 && (
          <Button size="small" variant="secondary" onPress={pages.reload}>
            {t('runList.showNewRuns', { count: newCount })}
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
          title={t('runList.moreRunsCouldNotBe')}
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
            {t('runList.loadMore')}
          </Button>
        </div>
      )}
    </div>
  );
}

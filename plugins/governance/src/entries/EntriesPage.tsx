import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  EmptyHint,
  ErrorPanel,
  refusalOf,
  RowsSkeleton,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { auditExportPermission } from '@agentportal/plugin-governance-common';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonIcon, Container, Skeleton } from '@backstage/ui';
import { RiDownloadLine, RiRefreshLine } from '@remixicon/react';
import { useCallback, useMemo, useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { EntryPanel } from '../entry/EntryPanel';
import { ExportDialog } from '../export/ExportDialog';
import { RunRecord } from '../record/RunRecord';
import { EntryChart } from './EntryChart';
import { EntryFilters } from './EntryFilters';
import { EntryTable } from './EntryTable';
import { daysOf, OWN_DAYS } from './period';
import { STATE, useAudit } from './useAudit';
import styles from './entries.module.css';

const NO_FILTERS = {
  type: [],
  outcome: [],
  agent: '',
  actor: '',
  person: '',
  resource: '',
  run: '',
  q: '',
};

/** What was done, who decided it and why; or, by its address, the record of one run. */
export function EntriesPage() {
  const [state, update] = useUrlState(STATE);
  const open = useCallback((entry: string) => update({ entry }), [update]);
  return (
    <Container className={styles.page}>
      {state.record ? (
        <RunRecord
          key={state.record}
          runId={state.record}
          selected={state.entry}
          onSelect={open}
          onBack={() => update({ record: '', entry: '' })}
        />
      ) : (
        <Entries />
      )}
      {state.entry && (
        <EntryPanel
          key={state.entry}
          id={state.entry}
          onClose={() => update({ entry: '' })}
          onFilter={changes =>
            update({ ...NO_FILTERS, record: '', ...changes })
          }
          onRecord={record => update({ record })}
        />
      )}
    </Container>
  );
}

function Entries() {
  const { t } = useTranslationRef(governanceTranslationRef);
  const [state, update] = useUrlState(STATE);
  const audit = useAudit(state);
  const { allowed: mayExport } = usePermission({
    permission: auditExportPermission,
  });
  const [isExporting, setExporting] = useState(false);
  const { entries, stats, facets, period, now, isNarrower } = audit;
  const days = useMemo(() => daysOf(period, now), [period, now]);
  const open = useCallback((entry: string) => update({ entry }), [update]);
  const isFiltered =
    isNarrower ||
    Boolean(state.type.length || state.outcome.length || state.agent);

  // Who may read nothing is told once, and needs no empty chart for it.
  if (entries.error && refusalOf(entries.error)) {
    return <ErrorPanel title="" error={entries.error} />;
  }
  return (
    <>
      {stats.error && !entries.error && (
        <ErrorPanel
          title={t('entriesPage.theCountsCouldNotBe')}
          error={stats.error}
          safe={t('entriesPage.theEntriesBelowAreAll')}
          onRetry={stats.reload}
        />
      )}
      {stats.value && (
        <EntryChart
          stats={stats.value}
          days={days}
          description={
            isNarrower
              ? 'Of the time, types, outcomes and agent that are chosen; the list below is narrower.'
              : 'That you may read, by day in UTC. Click on a day to see it alone.'
          }
          onDay={day => update({ range: OWN_DAYS, from: day, to: day })}
        />
      )}
      {!stats.value && !stats.error && <Skeleton width="100%" height={204} />}
      <EntryFilters state={state} facets={facets.value} onChange={update} />
      <div className={styles.actions}>
        <p className={styles.hint} aria-live="polite">
          {entries.items.length > 0 &&
            [
              entries.hasMore
                ? `The newest ${entries.items.length} are shown`
                : `All ${entries.items.length} are shown`,
              isFiltered ? '.' : ', those of one run together.',
            ].join('')}
        </p>
        <ButtonIcon
          variant="tertiary"
          icon={<RiRefreshLine />}
          aria-label={t('entriesPage.lookForNewerEntries')}
          onPress={audit.reload}
        />
        {mayExport && (
          <Button
            variant="secondary"
            iconStart={<RiDownloadLine />}
            onPress={() => setExporting(true)}
          >
            {t('entriesPage.export')}
          </Button>
        )}
      </div>
      {entries.error && (
        <ErrorPanel
          title={t('entriesPage.theEntriesCouldNotBe')}
          error={entries.error}
          safe={t('entriesPage.nothingIsLostTheLog')}
          onRetry={audit.reload}
        />
      )}
      {entries.isPending && (
        <div className={styles.pending}>
          <RowsSkeleton rows={10} rowHeight={56} />
        </div>
      )}
      {entries.items.length > 0 && (
        <EntryTable
          entries={entries.items}
          selected={state.entry}
          onSelect={open}
          isFolded={!isFiltered}
        />
      )}
      {!entries.isPending && !entries.error && entries.items.length === 0 && (
        <Nothing
          isFiltered={isFiltered}
          hasMore={entries.hasMore}
          onClear={() => update(NO_FILTERS)}
          onLonger={() => update({ range: '90d' })}
        />
      )}
      {entries.hasMore && (
        <Button
          className={styles.more}
          variant="secondary"
          isPending={entries.isLoadingMore}
          onPress={entries.loadMore}
        >
          {entries.items.length
            ? 'Show older entries'
            : 'Search on in older entries'}
        </Button>
      )}
      {isExporting && (
        <ExportDialog
          query={audit.query}
          hasText={state.q.trim() !== ''}
          onClose={() => setExporting(false)}
        />
      )}
    </>
  );
}

function Nothing(props: {
  isFiltered: boolean;
  hasMore: boolean;
  onClear(): void;
  onLonger(): void;
}) {
  const { t } = useTranslationRef(governanceTranslationRef);
  if (props.hasMore) {
    return (
      <EmptyHint title={t('entriesPage.notAmongTheNewestEntries')}>
        {t('entriesPage.theLogIsSearchedFrom')}
      </EmptyHint>
    );
  }
  return (
    <EmptyHint
      title={props.isFiltered ? 'No entry fits' : 'No entries in this time'}
      actions={
        <>
          {props.isFiltered && (
            <Button variant="secondary" onPress={props.onClear}>
              {t('entriesPage.clearSearchAndFilters')}
            </Button>
          )}
          <Button variant="secondary" onPress={props.onLonger}>
            {t('entriesPage.lookAtTheLast90')}
          </Button>
        </>
      }
    >
      {props.isFiltered
        ? 'Take a filter away, or look at a longer time.'
        : 'Whatever agents do, and what is decided about them, is written here as it happens. You see what is about you and about the agents that you own.'}
    </EmptyHint>
  );
}

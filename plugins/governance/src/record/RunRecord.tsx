import {
  EmptyHint,
  ErrorPanel,
  RelativeTime,
  RowsSkeleton,
  StatusMark,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { AuditEntry } from '@agentportal/plugin-governance-common';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiArrowLeftLine } from '@remixicon/react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { outcomeOf } from '../entries/auditWords';
import { EntrySentence } from '../entries/EntrySentence';
import { runRouteRef } from '../routes';
import styles from './record.module.css';

interface RunRecordProps {
  runId: string;
  selected: string;
  onSelect(id: string): void;
  onBack(): void;
}

/** What was decided and done in a run, told from its beginning. */
export function RunRecord(props: RunRecordProps) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { runId } = props;
  const api = useApi(governanceApiRef);
  const runRoute = useRouteRef(runRouteRef);
  const record = usePages<AuditEntry>(runId, (cursor, signal) =>
    api.getRunRecord(
      runId,
      { limit: 100, ...(cursor && { cursor }) },
      { signal },
    ),
  );
  return (
    <section
      aria-label={t('runRecord.recordOfTheRun')}
      className={styles.record}
    >
      <div className={styles.head}>
        <button type="button" className={styles.back} onClick={props.onBack}>
          <RiArrowLeftLine size={14} aria-hidden /> All entries
        </button>
        <h2 className={styles.title}>{t('runRecord.whatWasDecidedAndDone')}</h2>
        <p className={styles.second}>
          From its beginning, as far as you may read it.{' '}
          {runRoute && (
            <Link href={runRoute({ id: runId })}>
              {t('runRecord.seeTheRunWithIts')}
            </Link>
          )}
        </p>
      </div>
      {record.error && (
        <ErrorPanel
          title={t('runRecord.theRecordCouldNotBe')}
          error={record.error}
          safe={t('runRecord.itStaysInTheLog')}
          onRetry={record.reload}
        />
      )}
      {record.isPending && <RowsSkeleton rows={8} rowHeight={48} />}
      {!record.isPending && !record.error && record.items.length === 0 && (
        <EmptyHint title={t('runRecord.thereIsNothingAboutThis')}>
          {t('runRecord.nothingWasRecordedUnderThis')}
        </EmptyHint>
      )}
      <ol className={styles.steps}>
        {record.items.map(entry => (
          <li key={entry.id} data-selected={entry.id === props.selected}>
            <span className={styles.when}>
              <RelativeTime value={entry.time} />
            </span>
            <div className={styles.words}>
              <EntrySentence text={entry.sentence} withLinks />
            </div>
            <StatusMark {...outcomeOf(entry)} />
            <Button
              size="small"
              variant="tertiary"
              onPress={() => props.onSelect(entry.id)}
            >
              {t('runRecord.open')}
            </Button>
          </li>
        ))}
      </ol>
      {record.hasMore && (
        <Button
          variant="secondary"
          isPending={record.isLoadingMore}
          onPress={record.loadMore}
        >
          {t('runRecord.goOn')}
        </Button>
      )}
    </section>
  );
}

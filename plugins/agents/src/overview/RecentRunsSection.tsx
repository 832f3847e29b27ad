import {
  isStartedByPeople,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink, Link } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { runRouteRef } from '../routes';
import { Section } from './Section';
import styles from './overview.module.css';

function RunLine({ run }: { run: RunSummary }) {
  const runRoute = useRouteRef(runRouteRef);
  const question = run.input.message;
  return (
    <li className={styles.run}>
      <StatusMark status={run.status} />
      {runRoute ? (
        <RouterLink
          className={styles.runQuestion}
          href={runRoute({ id: run.id })}
        >
          {question}
        </RouterLink>
      ) : (
        <span className={styles.runQuestion}>{question}</span>
      )}
      <span className={`${styles.runNumber} ${styles.runOptional}`}>
        {run.durationMs !== undefined && formatDuration(run.durationMs)}
        {' · '}
        {formatNanoUsd(run.usage.costNanoUsd)}
      </span>
      <span className={styles.runNumber}>
        <RelativeTime value={run.createdAt} />
      </span>
    </li>
  );
}

/** The latest runs that the person may see. */
export function RecentRunsSection({ agent }: { agent: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const agentRef = stringifyEntityRef(agent);
  const api = useApi(agentActivityApiRef);
  const entityLink = useEntityRefLink();
  const runs = useLoad(`runs ${agentRef}`, signal =>
    api.listRecentRuns(agentRef, { signal }),
  );
  const base = entityLink(agentRef);
  const asks = isStartedByPeople(agent);

  let content = <LinesSkeleton lines={5} />;
  if (runs.error && !runs.value) {
    content = (
      <ErrorPanel
        title={t('recentRunsSection.theRunsCouldNotBe')}
        error={runs.error}
        onRetry={runs.reload}
      />
    );
  } else if (runs.value?.length === 0) {
    content = (
      <EmptyHint
        compact
        title={t('recentRunsSection.noRunsThatYouMay')}
        actions={
          <ButtonLink
            size="small"
            variant="secondary"
            href={`${base}/${asks ? 'chat' : 'schedules'}`}
          >
            {t(asks ? 'recentRunsSection.ask' : 'recentRunsSection.starts')}
          </ButtonLink>
        }
      >
        {t(asks ? 'recentRunsSection.asked' : 'recentRunsSection.started')}
      </EmptyHint>
    );
  } else if (runs.value) {
    content = (
      <ul className={styles.list} style={{ gap: 0 }}>
        {runs.value.map(run => (
          <RunLine key={run.id} run={run} />
        ))}
      </ul>
    );
  }
  return (
    <Section
      title={t('recentRunsSection.recentRuns')}
      action={
        <Link href={`${base}/runs`}>{t('recentRunsSection.allRuns')}</Link>
      }
    >
      {content}
    </Section>
  );
}

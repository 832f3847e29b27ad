import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  CopyButton,
  EntityLink,
  RelativeTime,
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { auditRouteRef, traceRouteRef } from '../routes';
import { StartedBy } from '../runs/StartedBy';
import { orchestrationTranslationRef } from '../translation';
import { RunStatusMark } from './RunStatusMark';
import styles from './run.module.css';

/** In ms; the trace of a run and the steps that waited have it in their time, and the run's own has not. */
function waitedMs({ durationMs, finishedAt, startedAt }: Run): number {
  return durationMs !== undefined && startedAt && finishedAt
    ? Date.parse(finishedAt) - Date.parse(startedAt) - durationMs
    : 0;
}

/** Who asked whom, how it went, and what it took: one line. */
export function RunSummaryLine({ run }: { run: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { startedBy, usage } = run;
  const isTriggered = startedBy?.name !== undefined;
  const auditRoute = useRouteRef(auditRouteRef);
  const traceRoute = useRouteRef(traceRouteRef);
  return (
    <div className={styles.summary}>
      <span>
        <StartedBy run={run} />{' '}
        {isTriggered ? t('runSummaryLine.started') : t('runSummaryLine.asked')}{' '}
        <EntityLink
          entityRef={run.agentRef}
          title={run.agentTitle}
          withAvatar
        />{' '}
        <RelativeTime value={run.createdAt} />
      </span>
      <RunStatusMark run={run} />
      {run.durationMs !== undefined && (
        <span>
          {formatDuration(run.durationMs)}
          {waitedMs(run) > 0 &&
            t('runSummaryLine.andWaitedForPeople', {
              duration: formatDuration(waitedMs(run)),
            })}
        </span>
      )}
      <span>
        {formatTokens(usage.inputTokens + usage.outputTokens, { unit: true })}
      </span>
      <span>{formatNanoUsd(usage.costNanoUsd)}</span>
      <span>
        {t('calls.model', { count: usage.modelCalls })},{' '}
        {t('calls.tool', { count: usage.toolCalls })}
      </span>
      {auditRoute && (
        <Link href={`${auditRoute()}?record=${run.id}`}>
          {t('runSummaryLine.whatWasDecided')}
        </Link>
      )}
      {traceRoute && run.finishedAt && (
        // The trace of a run has its id, without the hyphens.
        <Link href={traceRoute({ traceId: run.id.replaceAll('-', '') })}>
          {t('runSummaryLine.trace')}
        </Link>
      )}
      <span className={styles.runId}>
        <code>{run.id.slice(0, 8)}</code>
        <CopyButton text={run.id} what={t('runSummaryLine.runId')} />
      </span>
    </div>
  );
}

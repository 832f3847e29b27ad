import type { Trace } from '@agentportal/plugin-traces-common';
import {
  CopyButton,
  EntityLink,
  RelativeTime,
  StatusMark,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { tracesTranslationRef } from '../translation';
import { rootRouteRef, runRouteRef } from '../routes';
import styles from './trace.module.css';

/** Whose it is, how it went, what it took, and where else one may look: one line. */
export function TraceSummary({ trace }: { trace: Trace }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const { agentRef, errors, ownerRef, runId, sessionId, tokens, userRef } =
    trace;
  const runRoute = useRouteRef(runRouteRef);
  const tracesRoute = useRouteRef(rootRouteRef);
  return (
    <>
      <div className={styles.summary}>
        <span>
          {agentRef && <EntityLink entityRef={agentRef} withAvatar />}
          {userRef && (
            <>
              {' '}
              for <EntityLink entityRef={userRef} />
            </>
          )}{' '}
          <RelativeTime value={trace.startedAt} />
        </span>
        <StatusMark status={trace.status} />
        <span>{formatDuration(trace.durationMs)}</span>
        <span>
          {trace.spans === 1 ? '1 span' : `${formatCount(trace.spans)} spans`}
          {errors > 0 && `, ${formatCount(errors)} failed`}
        </span>
        <span>
          {formatTokens(tokens.inputTokens + tokens.outputTokens, {
            unit: true,
          })}
        </span>
        <span>
          {formatNanoUsd(trace.costNanoUsd)}
          {trace.costReckoned && ', in part by the price list'}
        </span>
        {ownerRef && (
          <span>
            Owner <EntityLink entityRef={ownerRef} />
          </span>
        )}
        {runId && runRoute && (
          <Link href={runRoute({ id: runId })}>{t('traceSummary.theRun')}</Link>
        )}
        {sessionId && tracesRoute && (
          <Link
            href={`${tracesRoute()}?time=90d&session=${encodeURIComponent(
              sessionId,
            )}`}
          >
            {t('traceSummary.theConversation')}
          </Link>
        )}
        <span className={styles.id}>
          <code>{trace.traceId.slice(0, 8)}</code>
          <CopyButton text={trace.traceId} what="trace id" />
        </span>
      </div>
      {!trace.rootReceived && (
        <p className={styles.quiet}>{t('traceSummary.theSpanThatBeganThis')}</p>
      )}
    </>
  );
}

import {
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  isNotFound,
  useLoad,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Container } from '@backstage/ui';
import { tracesTranslationRef } from '../translation';
import { tracesApiRef } from '../api/tracesApiRef';
import { ComparePicker } from '../compare/ComparePicker';
import { CompareView } from '../compare/CompareView';
import { rootRouteRef, traceRouteRef } from '../routes';
import { FlagControl } from './FlagControl';
import { SpansView } from './SpansView';
import { TraceSummary } from './TraceSummary';
import { headingOf } from './traceWords';
import styles from './trace.module.css';

/** With which trace this one is compared; the URL holds it. */
const COMPARE_STATE = { compare: '' } as const;
const TRACE_ID = /^[0-9a-f]{32}$/;

/** One trace: what happened when, in what, and what is known of each span. */
export function TracePage({ traceId }: { traceId: string }) {
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const tracesRoute = useRouteRef(rootRouteRef);
  const traceRoute = useRouteRef(traceRouteRef);
  const [state, update] = useUrlState(COMPARE_STATE);
  const trace = useLoad(traceId, signal => api.getTrace(traceId, { signal }));
  if (!trace.value) {
    return (
      <Container className={styles.page}>
        {trace.error ? (
          <ErrorPanel
            title={
              isNotFound(trace.error)
                ? 'There is no such trace (yet)'
                : 'The trace could not be loaded'
            }
            error={trace.error}
            safe={t('tracePage.whatSendsTheTraceGoes')}
            onRetry={trace.reload}
            actions={
              <>
                <Button variant="secondary" onPress={trace.reload}>
                  {t('tracePage.lookAgain')}
                </Button>
                {tracesRoute && (
                  <RouterLink href={tracesRoute()}>
                    {t('tracePage.allTraces')}
                  </RouterLink>
                )}
              </>
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={2} />
            <RowsSkeleton rows={10} rowHeight={32} />
          </>
        )}
      </Container>
    );
  }
  const isCompared = TRACE_ID.test(state.compare);
  return (
    <BreadcrumbEntry
      entry={{
        label: headingOf(trace.value),
        href: traceRoute?.({ traceId }) ?? '',
      }}
    >
      <Container className={styles.page}>
        <div>
          <h2 className={styles.title}>{headingOf(trace.value)}</h2>
          <TraceSummary trace={trace.value} />
          <div className={styles.actions}>
            <FlagControl trace={trace.value} onChanged={trace.reload} />
            {!isCompared && (
              <ComparePicker
                trace={trace.value}
                onChoose={compare => update({ compare })}
              />
            )}
          </div>
        </div>
        {isCompared ? (
          <CompareView
            trace={trace.value}
            otherId={state.compare}
            onEnd={() => update({ compare: '' })}
          />
        ) : (
          <SpansView trace={trace.value} />
        )}
      </Container>
    </BreadcrumbEntry>
  );
}

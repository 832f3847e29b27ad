import { formatCount, usePages } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useRef } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { tracesTranslationRef } from '../translation';
import { TraceList } from './TraceList';
import { isInterval, toTracesQuery, type TraceFilters } from './traceFilters';
import { useLiveTraces } from './useLiveTraces';
import styles from './list.module.css';

const PAGE_SIZE = 50;

/** The traces that filters leave, followed while new ones come where that is asked for. */
export function FoundTraces(props: {
  filters: TraceFilters;
  withAgent: boolean;
  isFiltered: boolean;
  onClear: () => void;
}) {
  const { filters, isFiltered, onClear, withAgent } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const { live, view: _, ...what } = filters;
  const key = JSON.stringify(what);
  const read = (cursor: string | undefined, signal: AbortSignal) =>
    api.listTraces(
      { ...toTracesQuery(filters, Date.now()), limit: PAGE_SIZE, cursor },
      { signal },
    );
  const pages = usePages(key, read);
  const list = useRef<HTMLDivElement>(null);
  const isLive = live !== '' && !isInterval(filters);
  const { hasFailed, show, traces, waiting } = useLiveTraces({
    key: isLive && !pages.isPending ? key : undefined,
    loaded: pages.items,
    read: async signal => (await read(undefined, signal)).items,
    // Nothing moves below somebody's pointer.
    isStill: () =>
      !list.current?.matches(':hover') &&
      !list.current?.contains(document.activeElement),
  });
  return (
    <div ref={list} className={styles.found}>
      {isLive && (
        <div role="status" className={styles.live}>
          <span className={styles.quiet}>
            {hasFailed ? t('live.failed') : t('live.follows')}
          </span>
          {waiting > 0 && (
            <Button size="small" variant="secondary" onPress={show}>
              {waiting === 1
                ? t('live.showOne')
                : t('live.showSome', { some: formatCount(waiting) })}
            </Button>
          )}
        </div>
      )}
      <TraceList
        pages={{ ...pages, items: [...traces] }}
        withAgent={withAgent}
        isFiltered={isFiltered}
        onClear={onClear}
      />
    </div>
  );
}

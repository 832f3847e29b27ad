import type { Tail, TailBy } from '@agentportal/plugin-traces-common';
import {
  ErrorPanel,
  RowsSkeleton,
  formatCount,
  formatDuration,
  formatPercent,
  nameOfRef,
  useLoad,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { toSeriesQuery, type TraceFilters } from '../list/traceFilters';
import { KINDS } from '../trace/kinds';
import { tracesTranslationRef } from '../translation';
import styles from './dashboard.module.css';

const COMPARED = ['operation', 'agent', 'owner'] as const satisfies TailBy[];
const SHOWN = 8;

/** Which operations or agents most of the slow calls are of. */
export function TailView(props: {
  filters: TraceFilters;
  onChoose: (changes: Partial<TraceFilters>) => void;
}) {
  const { filters, onChoose } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const [by, setBy] = useState<(typeof COMPARED)[number]>('operation');
  const tail = useLoad(`tail ${by} ${JSON.stringify(filters)}`, signal => {
    const { kind: _, ...query } = toSeriesQuery(filters, Date.now());
    return api.getTail({ ...query, by, limit: SHOWN }, { signal });
  });
  const { value } = tail;
  const titles = useTitles(value?.items.map(({ key }) => key));
  return (
    <section aria-label={t('tail.title')}>
      <div className={styles.head}>
        <div>
          <h3 className={styles.title}>{t('tail.title')}</h3>
          {value?.thresholdMs !== undefined && (
            <p className={styles.quiet}>
              {t('tail.hint', {
                threshold: formatDuration(value.thresholdMs),
                slow: formatCount(value.slow),
                all: formatCount(value.count),
              })}
            </p>
          )}
        </div>
        <ToggleButtonGroup
          aria-label={t('tail.byLabel')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[by]}
          onSelectionChange={keys =>
            setBy(COMPARED.find(one => keys.has(one)) ?? 'operation')
          }
        >
          {COMPARED.map(one => (
            <ToggleButton key={one} id={one} size="small">
              {t(`tail.${one}`)}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {tail.error && !value && (
        <ErrorPanel
          title={t('tail.error')}
          error={tail.error}
          onRetry={tail.reload}
        />
      )}
      {!value && !tail.error && <RowsSkeleton rows={5} />}
      {value?.items.length === 0 && (
        <p className={styles.quiet}>{t('tail.none')}</p>
      )}
      <ol className={styles.bars}>
        {value?.items.map(item => (
          <TailRow
            key={`${item.kind} ${item.key}`}
            item={item}
            title={item.key && (titles?.get(item.key) ?? nameOfRef(item.key))}
            onChoose={() =>
              onChoose({
                ...(item.key && by !== 'operation' && { [by]: item.key }),
                ...(item.key &&
                  (item.kind === 'model' || item.kind === 'tool') && {
                    [item.kind]: item.key,
                  }),
                longer: String(Math.floor(value.thresholdMs ?? 0)),
              })
            }
          />
        ))}
      </ol>
    </section>
  );
}

function TailRow(props: {
  item: Tail['items'][number];
  title?: string;
  onChoose: () => void;
}) {
  const { item, onChoose, title } = props;
  const { kind, share } = item;
  const { t } = useTranslationRef(tracesTranslationRef);
  const { Icon } = KINDS[kind === 'trace' ? 'agent' : kind];
  const unnamed =
    kind === 'retrieval' || kind === 'guard'
      ? t(`tail.${kind}`)
      : t('tail.unnamed');
  return (
    <li>
      <button type="button" className={styles.barRow} onClick={onChoose}>
        <span className={styles.barName}>
          <Icon size={16} aria-hidden />
          <span>{title ?? unnamed}</span>
        </span>
        <span className={styles.barTrack} aria-hidden>
          <span
            className={styles.bar}
            style={{ width: `${Math.max(1, share * 100)}%` }}
          />
        </span>
        <span className={styles.barShare}>
          {t('tail.share', { share: formatPercent(share) })}
        </span>
        <span className={styles.barFacts}>
          {t('tail.facts', {
            p95: formatDuration(item.p95Ms),
            max: formatDuration(item.maxMs),
            slow: formatCount(item.slow),
            all: formatCount(item.count),
          })}
        </span>
      </button>
    </li>
  );
}

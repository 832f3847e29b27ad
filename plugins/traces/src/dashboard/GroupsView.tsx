import {
  ErrorPanel,
  RowTable,
  RowsSkeleton,
  formatCount,
  formatNanoUsd,
  formatPercent,
  formatTokens,
  nameOfRef,
  useLoad,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { toSeriesQuery, type TraceFilters } from '../list/traceFilters';
import { tracesTranslationRef } from '../translation';
import { timeText } from './FiguresView';
import { tokensOf, withCost } from './readFigures';
import styles from './dashboard.module.css';

const GROUPS = ['agent', 'owner', 'model'] as const;
const SHOWN = 20;

/** The figures of each agent, owner or model, those with most calls first. */
export function GroupsView(props: {
  filters: TraceFilters;
  onChoose: (changes: Partial<TraceFilters>) => void;
}) {
  const { filters, onChoose } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const [by, setBy] = useState<(typeof GROUPS)[number]>(
    filters.agent ? 'model' : 'agent',
  );
  const groups = useLoad(
    `by ${by} ${JSON.stringify(filters)}`,
    async signal => {
      const query = toSeriesQuery(filters, Date.now());
      const read = (of: typeof query.kind) =>
        api.getSeries(
          { ...query, kind: of, groupBy: by, points: 1, limit: SHOWN },
          { signal },
        );
      const kind = by === 'model' ? by : query.kind;
      if (kind !== 'trace') {
        const { items, nextCursor } = await read(kind);
        return {
          nextCursor,
          items: items.map(item => ({ ...item, spent: item.total })),
        };
      }
      const [calls, models] = await Promise.all([read('trace'), read('model')]);
      const spent = new Map(models.items.map(({ key, total }) => [key, total]));
      // Who has many traces and few calls of models may be on a later page of those.
      const others = models.nextCursor ? undefined : withCost();
      return {
        nextCursor: calls.nextCursor,
        items: calls.items.map(item => ({
          ...item,
          spent: spent.get(item.key) ?? others,
        })),
      };
    },
  );
  const { value } = groups;
  const titles = useTitles(value?.items.map(({ key }) => key));
  return (
    <section aria-label={t('groups.title')}>
      <div className={styles.head}>
        <div>
          <h3 className={styles.title}>{t('groups.title')}</h3>
          {by !== 'model' && <p className={styles.quiet}>{t('groups.hint')}</p>}
        </div>
        <ToggleButtonGroup
          aria-label={t('groups.byLabel')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[by]}
          onSelectionChange={keys =>
            setBy(GROUPS.find(one => keys.has(one)) ?? 'agent')
          }
        >
          {GROUPS.map(one => (
            <ToggleButton key={one} id={one} size="small">
              {t(`groups.${one}`)}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {groups.error && !value && (
        <ErrorPanel
          title={t('groups.error')}
          error={groups.error}
          onRetry={groups.reload}
        />
      )}
      {!value && !groups.error && <RowsSkeleton rows={5} />}
      {value && (
        <RowTable
          isFramed
          columns={[
            { label: t(`groups.${by}`) },
            { label: t('figures.calls') },
            { label: t('figures.failed') },
            { label: t('figures.p50') },
            { label: t('figures.p95') },
            { label: t('figures.tokens'), isWideOnly: true },
            { label: t('figures.cost') },
          ]}
        >
          {value.items.map(({ key, spent, total }) => {
            const name = key
              ? titles?.get(key) ?? nameOfRef(key)
              : t('groups.none');
            return (
              <tr key={key ?? ''}>
                <td>
                  {key ? (
                    <button
                      type="button"
                      className={styles.choice}
                      title={t('groups.only', { name })}
                      onClick={() => onChoose({ [by]: key })}
                    >
                      {name}
                    </button>
                  ) : (
                    name
                  )}
                </td>
                <td className={styles.nowrap}>{formatCount(total.count)}</td>
                <td className={styles.nowrap}>
                  {formatPercent(total.errors / Math.max(1, total.count))}
                </td>
                <td className={styles.nowrap}>{timeText(total.p50Ms)}</td>
                <td className={styles.nowrap}>{timeText(total.p95Ms)}</td>
                <td className={styles.nowrap} data-wide-only>
                  {spent ? formatTokens(tokensOf(spent)) : '–'}
                </td>
                <td className={styles.nowrap}>
                  {spent ? formatNanoUsd(spent.costNanoUsd) : '–'}
                </td>
              </tr>
            );
          })}
        </RowTable>
      )}
      {value?.nextCursor && (
        <p className={styles.quiet}>
          {t('groups.more', { most: String(SHOWN) })}
        </p>
      )}
    </section>
  );
}

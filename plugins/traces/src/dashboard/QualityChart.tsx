import type { QualityDays } from '@agentportal/plugin-evals-common';
import {
  ErrorPanel,
  formatCount,
  formatPercent,
  RowsSkeleton,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { type QualityApi, qualityApiRef } from '../api/qualityApiRef';
import { toSeriesQuery, type TraceFilters } from '../list/traceFilters';
import { tracesTranslationRef } from '../translation';
import { TimeChart } from './TimeChart';
import styles from './dashboard.module.css';

const DAY_MS = 86_400_000;

interface QualityChartProps {
  filters: TraceFilters;
  /** Leads to the traces of a day. */
  onChoose: (at: number, length: number) => void;
}

/** How good answers were; nothing where nobody judges them, or where one model or tool is looked at. */
export function QualityChart(props: QualityChartProps) {
  const api = useApiHolder().get(qualityApiRef);
  const { model, tool } = props.filters;
  return api && !model && !tool ? (
    <div className={styles.wide}>
      <KnownQuality {...props} api={api} />
    </div>
  ) : null;
}

function KnownQuality(props: QualityChartProps & { api: QualityApi }) {
  const { api, filters, onChoose } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const { error, reload, value } = useLoad(
    `quality ${JSON.stringify(filters)}`,
    signal => {
      const { agentRef, from, ownerRef, to, withinRef } = toSeriesQuery(
        filters,
        Date.now(),
      );
      const of = { agentRef, ownerRef, withinRef };
      return api.getQuality({ ...of, from, to }, { signal });
    },
  );
  if (error?.name === 'NotAllowedError') {
    return null;
  }
  if (error && !value) {
    return (
      <ErrorPanel title={t('quality.error')} error={error} onRetry={reload} />
    );
  }
  if (!value) {
    return <RowsSkeleton rows={4} />;
  }
  const { items } = value;
  const { down, right, up, wrong } = sumOf(items);
  if (right + wrong + up + down === 0) {
    return (
      <section aria-label={t('quality.title')}>
        <h3 className={styles.title}>{t('quality.title')}</h3>
        <p className={styles.quiet}>{t('quality.none')}</p>
      </section>
    );
  }
  const part = (count: number, all: number) => ({
    part: formatCount(count),
    all: formatCount(all),
  });
  const said = [
    right + wrong > 0 && t('quality.cases', part(right, right + wrong)),
    up + down > 0 && t('quality.people', part(up, up + down)),
  ];
  const days = daysOf(items);
  return (
    <TimeChart
      title={t('quality.title')}
      description={said.filter(Boolean).join(' ')}
      kind="lines"
      times={days.map(({ at }) => at)}
      step={DAY_MS}
      text={formatPercent}
      layers={[
        {
          name: t('quality.right'),
          values: days.map(day => shareOf(day.right, day.wrong)),
        },
        {
          name: t('quality.content'),
          values: days.map(day => shareOf(day.up, day.down)),
        },
      ]}
      onChoose={at => onChoose(at, DAY_MS)}
    />
  );
}

type Sums = Omit<QualityDays['items'][number], 'day'>;

const NOTHING: Sums = { right: 0, wrong: 0, up: 0, down: 0 };

function sumOf(days: Sums[]): Sums {
  return days.reduce(
    (all, day) => ({
      right: all.right + day.right,
      wrong: all.wrong + day.wrong,
      up: all.up + day.up,
      down: all.down + day.down,
    }),
    NOTHING,
  );
}

/** All days from the first to the last of which something is known. */
function daysOf(items: QualityDays['items']): Array<Sums & { at: number }> {
  const known = new Map(items.map(item => [Date.parse(item.day), item]));
  const days = [];
  const last = Date.parse(items[items.length - 1].day);
  for (let at = Date.parse(items[0].day); at <= last; at += DAY_MS) {
    days.push({ ...NOTHING, ...known.get(at), at });
  }
  return days;
}

function shareOf(good: number, bad: number): number | undefined {
  return good + bad > 0 ? good / (good + bad) : undefined;
}

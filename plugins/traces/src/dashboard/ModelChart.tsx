import {
  RowsSkeleton,
  formatNanoUsd,
  formatTokens,
  nameOfRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { tracesApiRef } from '../api/tracesApiRef';
import { toSeriesQuery, type TraceFilters } from '../list/traceFilters';
import { tracesTranslationRef } from '../translation';
import { MOST_POINTS, timesOf, tokensOf } from './readFigures';
import { TimeChart } from './TimeChart';
import styles from './dashboard.module.css';

/** Further models are shown together. */
const MOST_LAYERS = 6;
const MOST_READ = 20;

/** Cents are not enough to tell the ticks of a few of them apart. */
function moneyTick(nanoUsd: number): string {
  const usd = nanoUsd / 1e9;
  return usd >= 0.01 && usd < 1
    ? `$${Number(usd.toPrecision(3))}`
    : formatNanoUsd(nanoUsd);
}

/** What models cost over time; their tokens where they cost nothing. */
export function ModelChart(props: {
  filters: TraceFilters;
  onChoose: (at: number, step: number, model: string) => void;
}) {
  const { filters, onChoose } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const models = useLoad(`models ${JSON.stringify(filters)}`, signal =>
    api.getSeries(
      {
        ...toSeriesQuery(filters, Date.now()),
        kind: 'model',
        groupBy: 'model',
        points: MOST_POINTS,
        limit: MOST_READ,
      },
      { signal },
    ),
  );
  const { value } = models;
  if (!value) {
    // The tiles above say what could not be read.
    return models.error ? null : <RowsSkeleton rows={5} />;
  }
  const isMoney = value.items.some(({ total }) => total.costNanoUsd > 0);
  const of = (figures: (typeof value.items)[number]['total']) =>
    isMoney ? figures.costNanoUsd : tokensOf(figures);
  const items = value.items
    .filter(({ total }) => of(total) > 0)
    .sort((a, b) => of(b.total) - of(a.total));
  const title = t(isMoney ? 'charts.cost' : 'charts.tokens');
  if (!items.length) {
    return (
      <section aria-label={title}>
        <h3 className={styles.title}>{title}</h3>
        <p className={styles.quiet}>{t('charts.noModels')}</p>
      </section>
    );
  }
  const times = timesOf(value);
  const valuesOf = (some: typeof items) => {
    const sums = new Map<number, number>();
    for (const point of some.flatMap(({ points }) => points)) {
      const at = Date.parse(point.at);
      sums.set(at, (sums.get(at) ?? 0) + of(point));
    }
    return times.map(at => sums.get(at) ?? 0);
  };
  const rest = items.slice(MOST_LAYERS);
  const shown = items.slice(0, MOST_LAYERS);
  return (
    <TimeChart
      title={title}
      kind="bars"
      times={times}
      step={value.intervalSeconds * 1_000}
      text={isMoney ? formatNanoUsd : formatTokens}
      {...(isMoney && { tick: moneyTick })}
      layers={[
        ...shown.map(item => ({
          name: item.key ? nameOfRef(item.key) : t('groups.none'),
          values: valuesOf([item]),
        })),
        ...(rest.length
          ? [{ name: t('charts.others'), values: valuesOf(rest) }]
          : []),
      ]}
      onChoose={(at, layer) =>
        onChoose(at, value.intervalSeconds * 1_000, shown[layer]?.key ?? '')
      }
    />
  );
}

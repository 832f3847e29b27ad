import {
  EmptyHint,
  ErrorPanel,
  RowsSkeleton,
  formatCount,
  formatDuration,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { tracesApiRef } from '../api/tracesApiRef';
import {
  toSeriesQuery,
  TRACES_STATE,
  type TraceFilters,
} from '../list/traceFilters';
import { tracesTranslationRef } from '../translation';
import { FiguresView } from './FiguresView';
import { GroupsView } from './GroupsView';
import { ModelChart } from './ModelChart';
import { QualityChart } from './QualityChart';
import { readFigures } from './readFigures';
import { TailView } from './TailView';
import { TimeChart } from './TimeChart';
import styles from './dashboard.module.css';

const FAILED = 1;

/** How agents did: latency, calls, failures, cost, tokens and quality, of whom, and where slow calls come from. */
export function Dashboard(props: {
  filters: TraceFilters;
  /** Narrows the dashboard. */
  onNarrow: (changes: Partial<TraceFilters>) => void;
  /** Leads to the list of the traces behind something. */
  onList: (changes: Partial<TraceFilters>) => void;
}) {
  const { onList, onNarrow } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  // Figures are added up by these alone, and are not read again when others change.
  const { agent, from, model, owner, time, to, tool, within } = props.filters;
  const filters = {
    ...TRACES_STATE,
    ...{ agent, from, model, owner, time, to, tool, within },
  };
  const key = JSON.stringify(filters);
  const read = (periods: number) => (signal: AbortSignal) =>
    readFigures(api, toSeriesQuery(filters, Date.now(), periods), signal);
  const now = useLoad(key, read(0));
  const before = useLoad(`before ${key}`, read(1)).value;
  if (now.error && !now.value) {
    return (
      <ErrorPanel
        title={t('figures.error')}
        error={now.error}
        onRetry={now.reload}
      />
    );
  }
  if (now.value && !now.value.total) {
    return (
      <EmptyHint
        title={t('figures.none')}
        actions={
          <Button variant="secondary" onPress={() => onList({})}>
            {t('figures.noneList')}
          </Button>
        }
      >
        {t('figures.noneHint')}
      </EmptyHint>
    );
  }
  const { points, step } = now.value ?? { points: [], step: 0 };
  const intervalOf = (at: number, length = step) => ({
    from: new Date(at).toISOString(),
    to: new Date(at + length).toISOString(),
  });
  const times = points.map(({ at }) => at);
  return (
    <div className={styles.dashboard}>
      <FiguresView filters={filters} now={now.value} before={before} />
      {now.value ? (
        <>
          <div className={styles.charts}>
            <TimeChart
              title={t('charts.calls')}
              description={t('charts.callsHint')}
              kind="bars"
              times={times}
              step={step}
              text={formatCount}
              layers={[
                {
                  name: t('charts.went'),
                  values: points.map(({ count, errors }) => count - errors),
                },
                {
                  name: t('charts.failed'),
                  colour: '#cc79a7',
                  values: points.map(({ errors }) => errors),
                },
              ]}
              onChoose={(at, layer) =>
                onList({
                  ...intervalOf(at),
                  ...(layer === FAILED && { status: 'error' }),
                })
              }
            />
            <TimeChart
              title={t('charts.times')}
              description={t('charts.timesHint')}
              kind="lines"
              times={times}
              step={step}
              text={formatDuration}
              layers={[
                {
                  name: t('charts.median'),
                  values: points.map(({ p50Ms }) => p50Ms),
                },
                {
                  name: t('charts.p95'),
                  values: points.map(({ p95Ms }) => p95Ms),
                },
              ]}
              onChoose={at => {
                const p95 = points.find(point => point.at === at)?.p95Ms;
                onList({
                  ...intervalOf(at),
                  // The sketch is that exact, and the slowest ones shall be there.
                  ...(p95 && { longer: String(Math.floor(p95 * 0.975)) }),
                });
              }}
            />
            <ModelChart
              filters={filters}
              onChoose={(at, length, name) =>
                onList({
                  ...intervalOf(at, length),
                  ...(name && { model: name }),
                })
              }
            />
            <TailView filters={filters} onChoose={onList} />
            <QualityChart
              filters={filters}
              onChoose={(at, length) => onList(intervalOf(at, length))}
            />
          </div>
          <GroupsView filters={filters} onChoose={onNarrow} />
        </>
      ) : (
        <RowsSkeleton rows={8} />
      )}
    </div>
  );
}

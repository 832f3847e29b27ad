import type { Figures, SeriesList } from '@agentportal/plugin-traces-common';
import {
  ErrorPanel,
  RowTable,
  Sparkline,
  StatTile,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatPercent,
  formatTokens,
  refusalOf,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { tracesApiRef } from '../api/tracesApiRef';
import { timeOf, toSeriesQuery, type TraceFilters } from './traceFilters';
import styles from './list.module.css';

const CHART_WIDTH = 64;

const tokensOf = ({ tokens }: Figures) =>
  tokens.inputTokens + tokens.outputTokens;

const timeText = (ms: number | undefined) =>
  ms === undefined ? '–' : formatDuration(ms);

/** The figures that are shown, in their order. */
const SHOWN: ReadonlyArray<{
  label: string;
  of: (figures: Figures) => number | undefined;
  text: (value: number | undefined) => string;
  goodWhen?: 'down';
  isLine?: boolean;
}> = [
  { label: 'Calls', of: ({ count }) => count, text: n => formatCount(n ?? 0) },
  {
    label: 'Failed',
    of: ({ count, errors }) => errors / Math.max(1, count),
    text: share => formatPercent(share ?? 0),
    goodWhen: 'down',
  },
  ...(['p50Ms', 'p95Ms', 'p99Ms'] as const).map(key => ({
    label: { p50Ms: 'Median time', p95Ms: '95 % within', p99Ms: '99 % within' }[
      key
    ],
    of: (figures: Figures) => figures[key],
    text: timeText,
    goodWhen: 'down' as const,
    isLine: true,
  })),
  {
    label: 'Cost',
    of: ({ costNanoUsd }) => costNanoUsd,
    text: cost => formatNanoUsd(cost ?? 0),
  },
  { label: 'Tokens', of: tokensOf, text: tokens => formatTokens(tokens ?? 0) },
];

/** A point for each interval of the time: those in which nothing happened are not in the answer. */
export function pointsOf(series: SeriesList): Array<Figures & { at: number }> {
  const step = series.intervalSeconds * 1_000;
  const known = new Map(
    series.items[0]?.points.map(point => [Date.parse(point.at), point]),
  );
  const points = [];
  for (
    let at = Math.floor(Date.parse(series.from) / step) * step;
    at <= Date.parse(series.to);
    at += step
  ) {
    points.push({ ...(known.get(at) ?? NOTHING), at });
  }
  return points;
}

const NOTHING: Figures = {
  count: 0,
  errors: 0,
  costNanoUsd: 0,
  tokens: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
};

function changeOf(now?: number, before?: number): number | undefined {
  return now !== undefined && before ? now / before - 1 : undefined;
}

/** What the figures are of, in a sentence. */
function scopeWords({ model, tool }: TraceFilters): string {
  const of = model || tool ? `calls of ${model || tool}` : 'all traces';
  return `Of ${of} by agents whose figures you may see, whatever their status, duration, cost and words.`;
}

/** Latency, calls, errors, cost and tokens over the time, with their change. */
export function FiguresView({ filters }: { filters: TraceFilters }) {
  const api = useApi(tracesApiRef);
  const { agent, model, owner, time, tool } = filters;
  const read = (periods: number) => (signal: AbortSignal) =>
    api.getSeries(toSeriesQuery(filters, Date.now(), periods), { signal });
  const key = JSON.stringify([agent, model, owner, time, tool]);
  const series = useLoad(key, read(0));
  const before = useLoad(`before ${key}`, read(1));
  if (series.error && !series.value) {
    // The list below says it, and whom to ask.
    return refusalOf(series.error) ? null : (
      <ErrorPanel
        title="The figures could not be loaded"
        error={series.error}
        onRetry={series.reload}
      />
    );
  }
  const total = series.value?.items[0]?.total;
  if (series.value && !total) {
    // The list says what there is, and where traces come from.
    return null;
  }
  const points = series.value ? pointsOf(series.value) : [];
  const period = timeOf(filters).label.toLocaleLowerCase('en-US');
  return (
    <section className={styles.figures} aria-label={`Figures, ${period}`}>
      <div className={styles.tiles}>
        {SHOWN.map(({ goodWhen, isLine, label, of, text }) => {
          const values = points.map(of);
          return (
            <StatTile
              key={label}
              label={label}
              isPending={!total}
              value={total && text(of(total))}
              change={changeOf(total && of(total), priorOf(before.value, of))}
              changeAgainst="before"
              goodWhen={goodWhen}
              chart={
                <Sparkline
                  label={`${label}, ${period}`}
                  width={CHART_WIDTH}
                  kind={isLine ? 'line' : 'bars'}
                  values={
                    isLine
                      ? values.filter(value => value !== undefined)
                      : values.map(value => value ?? 0)
                  }
                />
              }
            />
          );
        })}
      </div>
      <details className={styles.asTable}>
        <summary>
          {scopeWords(filters)} <span>See the numbers</span>
        </summary>
        <RowTable
          isFramed
          columns={[
            { label: 'From' },
            ...SHOWN.map(({ label }) => ({ label })),
          ]}
        >
          {points
            .filter(({ count }) => count > 0)
            .reverse()
            .map(point => (
              <tr key={point.at}>
                <td className={styles.nowrap}>
                  {new Date(point.at).toLocaleString('en-GB', {
                    dateStyle: 'medium',
                    timeStyle: 'short',
                  })}
                </td>
                {SHOWN.map(({ label, of, text }) => (
                  <td key={label} className={styles.nowrap}>
                    {text(of(point))}
                  </td>
                ))}
              </tr>
            ))}
        </RowTable>
      </details>
    </section>
  );
}

function priorOf(
  before: SeriesList | undefined,
  of: (figures: Figures) => number | undefined,
): number | undefined {
  const total = before?.items[0]?.total;
  return total && of(total);
}

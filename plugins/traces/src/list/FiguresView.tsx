import type {
  Figures,
  SeriesList,
  SeriesQuery,
} from '@agentportal/plugin-traces-common';
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
import { tracesApiRef, type TracesApi } from '../api/tracesApiRef';
import { timeOf, toSeriesQuery, type TraceFilters } from './traceFilters';
import styles from './list.module.css';

const CHART_WIDTH = 64;
/** More could not be told apart. */
const MOST_BARS = 28;

const tokensOf = ({ tokens }: Figures) =>
  tokens.inputTokens + tokens.outputTokens;

const timeText = (ms: number | undefined) =>
  ms === undefined ? '–' : formatDuration(ms);

/** The figures that are shown, in their order. */
const SHOWN: ReadonlyArray<{
  label: string;
  of: (figures: Figures) => number | undefined;
  /** What its bars are, which are added up, where that is another thing. */
  bar?: (figures: Figures) => number;
  text: (value: number | undefined) => string;
  goodWhen?: 'down';
  isLine?: boolean;
}> = [
  { label: 'Calls', of: ({ count }) => count, text: n => formatCount(n ?? 0) },
  {
    label: 'Failed',
    of: ({ count, errors }) => errors / Math.max(1, count),
    bar: ({ errors }) => errors,
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

const NOTHING: Figures = {
  count: 0,
  errors: 0,
  costNanoUsd: 0,
  tokens: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
};

interface Read {
  /** Nothing when nothing happened in the time. */
  total?: Figures;
  /** One for each interval of the time, also for those in which nothing happened. */
  points: Array<Figures & { at: number }>;
}

/** Traces are counted by their roots, and what they cost by the calls of models in them. */
async function readFigures(
  api: TracesApi,
  query: SeriesQuery,
  signal: AbortSignal,
): Promise<Read> {
  const [calls, models] = await Promise.all([
    api.getSeries(query, { signal }),
    query.kind === 'trace'
      ? api.getSeries({ ...query, kind: 'model' }, { signal })
      : undefined,
  ]);
  const merged = (of?: Figures, cost: Figures = NOTHING): Figures => {
    const { costNanoUsd, tokens } = cost;
    return { ...NOTHING, ...of, ...(models && { costNanoUsd, tokens }) };
  };
  const byTime = (series?: SeriesList) =>
    new Map(
      series?.items[0]?.points.map(point => [Date.parse(point.at), point]),
    );
  const [callsAt, modelsAt] = [byTime(calls), byTime(models)];
  const step = calls.intervalSeconds * 1_000;
  const points = [];
  const first = Math.floor(Date.parse(calls.from) / step) * step;
  for (let at = first; at <= Date.parse(calls.to); at += step) {
    points.push({ ...merged(callsAt.get(at), modelsAt.get(at)), at });
  }
  const total = calls.items[0]?.total;
  return {
    points,
    ...(total && { total: merged(total, models?.items[0]?.total) }),
  };
}

function barsOf(values: number[]): number[] {
  const each = Math.max(1, Math.ceil(values.length / MOST_BARS));
  const bars: number[] = [];
  values.forEach((value, index) => {
    const bar = Math.floor(index / each);
    bars[bar] = (bars[bar] ?? 0) + value;
  });
  return bars;
}

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
    readFigures(api, toSeriesQuery(filters, Date.now(), periods), signal);
  const key = JSON.stringify([agent, model, owner, time, tool]);
  const now = useLoad(key, read(0));
  const before = useLoad(`before ${key}`, read(1)).value?.total;
  if (now.error && !now.value) {
    // The list below says it, and whom to ask.
    return refusalOf(now.error) ? null : (
      <ErrorPanel
        title="The figures could not be loaded"
        error={now.error}
        onRetry={now.reload}
      />
    );
  }
  const { total, points = [] } = now.value ?? {};
  if (now.value && !total) {
    // The list says what there is, and where traces come from.
    return null;
  }
  const period = timeOf(filters).label.toLocaleLowerCase('en-US');
  return (
    <section className={styles.figures} aria-label={`Figures, ${period}`}>
      <div className={styles.tiles}>
        {SHOWN.map(({ goodWhen, isLine, label, of, bar = of, text }) => {
          return (
            <StatTile
              key={label}
              label={label}
              isPending={!total}
              value={total && text(of(total))}
              change={changeOf(total && of(total), before && of(before))}
              changeAgainst="before"
              goodWhen={goodWhen}
              chart={
                <Sparkline
                  label={`${label}, ${period}`}
                  width={CHART_WIDTH}
                  kind={isLine ? 'line' : 'bars'}
                  values={
                    isLine
                      ? points.map(of).filter(value => value !== undefined)
                      : barsOf(points.map(point => bar(point) ?? 0))
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

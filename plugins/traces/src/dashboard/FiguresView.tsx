import type { Figures } from '@agentportal/plugin-traces-common';
import {
  RowTable,
  Sparkline,
  StatTile,
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatPercent,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { periodWords, type TraceFilters } from '../list/traceFilters';
import { tracesTranslationRef } from '../translation';
import { momentText } from './moments';
import { tokensOf, type FiguresOfTime } from './readFigures';
import styles from './dashboard.module.css';

const CHART_WIDTH = 64;

/** How a time is written that may not be known. */
export const timeText = (ms: number | undefined) =>
  ms === undefined ? '–' : formatDuration(ms);

/** The figures that are shown, in their order. */
const SHOWN: ReadonlyArray<{
  label: 'calls' | 'failed' | 'p50' | 'p95' | 'p99' | 'cost' | 'tokens';
  of: (figures: Figures) => number | undefined;
  /** What its bars are, which are added up, where that is another thing. */
  bar?: (figures: Figures) => number;
  text: (value: number | undefined) => string;
  goodWhen?: 'down';
  isLine?: boolean;
}> = [
  { label: 'calls', of: ({ count }) => count, text: n => formatCount(n ?? 0) },
  {
    label: 'failed',
    of: ({ count, errors }) => errors / Math.max(1, count),
    bar: ({ errors }) => errors,
    text: share => formatPercent(share ?? 0),
    goodWhen: 'down',
  },
  ...(['p50', 'p95', 'p99'] as const).map(label => ({
    label,
    of: (figures: Figures) => figures[`${label}Ms`],
    text: timeText,
    goodWhen: 'down' as const,
    isLine: true,
  })),
  {
    label: 'cost',
    of: ({ costNanoUsd }) => costNanoUsd,
    text: cost => formatNanoUsd(cost ?? 0),
  },
  { label: 'tokens', of: tokensOf, text: tokens => formatTokens(tokens ?? 0) },
];

function changeOf(now?: number, before?: number): number | undefined {
  return now !== undefined && before ? now / before - 1 : undefined;
}

/** Values of the intervals that have one; of a single one there is no line. */
function courseOf(
  points: FiguresOfTime['points'],
  of: (figures: Figures) => number | undefined,
): number[] {
  return points.map(of).filter(value => value !== undefined);
}

/** Latency, calls, errors, cost and tokens over the time, with their change. */
export function FiguresView(props: {
  filters: TraceFilters;
  /** Undefined while it is read. */
  now?: FiguresOfTime;
  before?: FiguresOfTime;
}) {
  const { before, filters, now } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const { total, points = [] } = now ?? {};
  const period = periodWords(filters);
  const name = filters.model || filters.tool;
  return (
    <section
      className={styles.figures}
      aria-label={t('figures.label', { period })}
    >
      <div className={styles.tiles}>
        {SHOWN.map(({ goodWhen, isLine, label, of, bar = of, text }) => (
          <StatTile
            key={label}
            label={t(`figures.${label}`)}
            isPending={!total}
            value={total && text(of(total))}
            change={changeOf(
              total && of(total),
              before?.total && of(before.total),
            )}
            changeAgainst={t('figures.before')}
            goodWhen={goodWhen}
            chart={
              (!isLine || courseOf(points, of).length > 1) && (
                <Sparkline
                  label={`${t(`figures.${label}`)}, ${period}`}
                  width={CHART_WIDTH}
                  kind={isLine ? 'line' : 'bars'}
                  values={
                    isLine
                      ? courseOf(points, of)
                      : points.map(point => bar(point) ?? 0)
                  }
                />
              )
            }
          />
        ))}
      </div>
      <details className={styles.asTable}>
        <summary>
          {name ? t('figures.scopeCalls', { name }) : t('figures.scopeAll')}
        </summary>
        <RowTable
          isFramed
          columns={[
            { label: t('charts.from') },
            ...SHOWN.map(({ label }) => ({ label: t(`figures.${label}`) })),
          ]}
        >
          {points
            .filter(({ count }) => count > 0)
            .reverse()
            .map(point => (
              <tr key={point.at}>
                <td className={styles.nowrap}>{momentText(point.at)}</td>
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

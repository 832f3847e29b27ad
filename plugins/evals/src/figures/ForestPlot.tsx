import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { MetricComparison } from '@agentportal/plugin-evals-common';
import { RowTable } from '@agentportal/plugin-agents-react';
import { Fragment } from 'react';
import { evalsTranslationRef } from '../translation';
import { formatDifference, formatInterval, formatValue } from './units';
import layout from '../layout/layout.module.css';
import styles from './figures.module.css';

const WIDTH = 200;
const HEIGHT = 20;

const WORDS: Record<MetricComparison['metric'], string> = {
  'pass-rate': 'Right answers',
  consistency: 'Says the same again',
  latency: 'Time to answer',
  cost: 'Cost of an answer',
  calls: 'Calls of tools',
  feedback: 'Thumbs up',
  failures: 'Failed runs',
  'guard-findings': 'Findings of guards',
};

/** What a metric is called. */
export function metricWord(metric: MetricComparison['metric']): string {
  return WORDS[metric] ?? metric;
}

type Standing = 'better' | 'worse' | 'open';

/** Whether the interval is on one side of no difference. */
function standingOf({ better, difference }: MetricComparison): Standing {
  const { high, low } = difference;
  if (low <= 0 && high >= 0) {
    return 'open';
  }
  return low > 0 === (better === 'higher') ? 'better' : 'worse';
}

const STANDINGS: Record<Standing, string> = {
  better: 'better',
  worse: 'worse',
  open: 'no sure difference',
};

/** Each on its own scale, with no difference in the middle and better to the right. */
function IntervalLine({ metric }: { metric: MetricComparison }) {
  const { better, difference } = metric;
  const way = better === 'higher' ? 1 : -1;
  const reach =
    1.1 * Math.max(Math.abs(difference.low), Math.abs(difference.high), 1e-9);
  const x = (at: number) => WIDTH / 2 + ((way * at) / reach) * (WIDTH / 2 - 4);
  const ends = [x(difference.low), x(difference.high)];
  const standing = standingOf(metric);
  return (
    <svg
      className={styles.forest}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden
      data-standing={standing}
    >
      <line
        className={styles.zero}
        x1={WIDTH / 2}
        x2={WIDTH / 2}
        y1={0}
        y2={HEIGHT}
      />
      <line
        className={styles.whisker}
        x1={Math.min(...ends)}
        x2={Math.max(...ends)}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
      />
      <rect
        className={styles.point}
        x={x(difference.value) - 4}
        y={HEIGHT / 2 - 4}
        width={8}
        height={8}
      />
    </svg>
  );
}

function MetricRow({ metric }: { metric: MetricComparison }) {
  const { baseline, candidate, difference, samples, unit } = metric;
  return (
    <tr>
      <th scope="row">
        {metricWord(metric.metric)}
        {samples !== undefined && (
          <span className={layout.below}>of {samples}</span>
        )}
      </th>
      <td className={layout.number}>{formatValue(baseline, unit)}</td>
      <td className={layout.number}>{formatValue(candidate, unit)}</td>
      <td className={styles.plotCell}>
        <IntervalLine metric={metric} />
      </td>
      <td className={layout.number}>
        {formatDifference(difference.value, unit)}
        <span className={layout.below}>
          {formatInterval(difference, unit)}, {STANDINGS[standingOf(metric)]}
        </span>
      </td>
    </tr>
  );
}

/** Metrics of two versions: what each has, and the interval of the difference. What must only not get worse is below a rule. */
export function ForestPlot(props: {
  metrics: readonly MetricComparison[];
  baseline: string;
  candidate: string;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { baseline, candidate, metrics } = props;
  const guards = metrics.filter(({ guard }) => guard);
  const goals = metrics.filter(({ guard }) => !guard);
  return (
    <RowTable
      columns={[
        { label: 'Figure' },
        { label: baseline },
        { label: candidate },
        { label: '← worse | better →' },
        { label: 'Difference, 95 % sure' },
      ]}
    >
      {goals.map(metric => (
        <MetricRow key={metric.metric} metric={metric} />
      ))}
      {guards.length > 0 && (
        <Fragment>
          <tr className={styles.rule}>
            <td colSpan={5} className={layout.quiet}>
              {t('forestPlot.mustOnlyNotGetWorse')}
            </td>
          </tr>
          {guards.map(metric => (
            <MetricRow key={metric.metric} metric={metric} />
          ))}
        </Fragment>
      )}
    </RowTable>
  );
}

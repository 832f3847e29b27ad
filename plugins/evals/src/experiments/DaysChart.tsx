import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ChartWithTable, formatCount } from '@agentportal/plugin-agents-react';
import type { Experiment, Interval } from '@agentportal/plugin-evals-common';
import { Box } from '@backstage/ui';
import { evalsTranslationRef } from '../translation';
import { formatDifference, formatInterval, type Unit } from '../figures/units';
import { metricWord } from '../figures/ForestPlot';
import layout from '../layout/layout.module.css';
import styles from '../figures/figures.module.css';

const WIDTH = 720;
const HEIGHT = 180;
const INSET = 12;
/** Of the metric, where no figure says it. */
const UNITS: Record<Experiment['metric'], Unit> = {
  feedback: 'share',
  failures: 'share',
  latency: 'ms',
  cost: 'nano-usd',
};

function differenceWords(difference: Interval, unit: Unit): string {
  return `${formatDifference(difference.value, unit)} (${formatInterval(
    difference,
    unit,
  )})`;
}

/** The interval of the difference as it stood at the end of each day. */
export function DaysChart({ experiment }: { experiment: Experiment }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { days, metric, smallestDifference } = experiment;
  if (days.length < 2) {
    return null;
  }
  const unit = UNITS[metric];
  const reach =
    1.1 *
    Math.max(
      ...days.flatMap(({ difference: { high, low } }) => [
        Math.abs(low),
        Math.abs(high),
      ]),
      unit === 'share' ? smallestDifference : 1e-9,
    );
  const x = (index: number) =>
    INSET + (index / (days.length - 1)) * (WIDTH - 2 * INSET);
  const y = (value: number) =>
    HEIGHT / 2 - (value / reach) * (HEIGHT / 2 - INSET);
  const along = (of: (day: (typeof days)[number]) => number) =>
    days.map((day, index) => `${x(index)},${y(of(day))}`);
  const last = days.at(-1)!;
  const words = `${metricWord(
    metric,
  )}, difference by day: last ${differenceWords(last.difference, unit)} on ${
    last.day
  }`;
  return (
    <Box as="section" bg="neutral" className={layout.section}>
      <ChartWithTable
        title={t('daysChart.howItStoodDayBy')}
        description={t('daysChart.theDifferenceWithItsInterval')}
        height={HEIGHT}
        columns={[
          { id: 'day', label: 'Day (UTC)' },
          { id: 'difference', label: 'Difference', align: 'right' },
          { id: 'runs', label: 'Runs until then', align: 'right' },
        ]}
        rows={[...days].reverse().map(({ day, difference, runs }) => ({
          day,
          difference: differenceWords(difference, unit),
          runs: formatCount(runs),
        }))}
      >
        <svg
          className={styles.days}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          width="100%"
          height={HEIGHT}
          preserveAspectRatio="none"
          role="img"
          aria-label={words}
        >
          <title>{words}</title>
          <polygon
            className={styles.band}
            points={[
              ...along(({ difference }) => difference.high),
              ...along(({ difference }) => difference.low).reverse(),
            ].join(' ')}
          />
          <line
            className={styles.zero}
            x1={0}
            x2={WIDTH}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
          />
          <polyline
            className={styles.middle}
            points={along(({ difference }) => difference.value).join(' ')}
          />
        </svg>
      </ChartWithTable>
    </Box>
  );
}

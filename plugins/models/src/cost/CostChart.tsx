import {
  CHART_COLOURS,
  CHART_TICK,
  CHART_TOOLTIP,
  ChartWithTable,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import type { ReactNode } from 'react';
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Legend,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import styles from './CostPage.module.css';
import type { CostMeasure, CostSeries } from './series';

const FORMATS: Record<CostMeasure, (value: number) => string> = {
  cost: usd => formatNanoUsd(Math.round(usd * 1e9)),
  tokens: count => formatTokens(count),
};

// Ticks keep their digits, so that even steps also read as even steps.
const TICK = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumSignificantDigits: 1,
  maximumSignificantDigits: 3,
});

const MONTH_DAY = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});

const FEWEST_OF_AREA = 4;

/** The budget is drawn up to this many times the dearest day; a tile above says it in any case. */
const BUDGET_IN_SIGHT = 4;

interface CostChartProps {
  title: string;
  description?: string;
  series: CostSeries;
  actions?: ReactNode;
  /** A line to stay below, in US dollars per day. */
  dailyBudgetUsd?: number;
}

/** Cost by day, stacked; tokens by day where there was none. */
export function CostChart(props: CostChartProps) {
  const { points, names, measure } = props.series;
  const format = FORMATS[measure];
  const hasGap = points.some(point =>
    names.every(name => Number(point[name]) === 0),
  );
  const dearestDay = Math.max(
    0,
    ...points.map(point =>
      names.reduce((sum, name) => sum + Number(point[name]), 0),
    ),
  );
  return (
    <ChartWithTable
      title={props.title}
      description={props.description}
      actions={props.actions}
      columns={[
        { id: 'day', label: 'Day (UTC)' },
        ...names.map(name => ({
          id: name,
          label: name,
          align: 'right' as const,
        })),
      ]}
      rows={points.map(point => ({
        day: <span className={styles.day}>{point.day}</span>,
        ...Object.fromEntries(
          names.map(name => [name, format(Number(point[name]))]),
        ),
      }))}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={points}
          margin={{ top: 8, right: 16, bottom: 0, left: 8 }}
        >
          <CartesianGrid vertical={false} stroke="var(--bui-border-1)" />
          <XAxis
            dataKey="day"
            tickFormatter={day => MONTH_DAY.format(new Date(day))}
            tick={CHART_TICK}
            tickLine={false}
            minTickGap={24}
          />
          <YAxis
            tickFormatter={value =>
              measure === 'cost' ? TICK.format(value) : format(value)
            }
            width={76}
            tick={CHART_TICK}
            axisLine={false}
            tickLine={false}
          />
          <Tooltip
            {...CHART_TOOLTIP}
            cursor={{
              fill: 'var(--bui-bg-neutral-2)',
              stroke: 'var(--bui-border-2)',
            }}
            itemSorter={item => -Number(item.value)}
            formatter={value => format(Number(value))}
            labelFormatter={day =>
              `${MONTH_DAY.format(new Date(String(day)))} (UTC)`
            }
          />
          {/* In the order of the layers, the dearest first. */}
          <Legend
            wrapperStyle={{ fontSize: 12 }}
            itemSorter={null}
            iconType="square"
            formatter={name => <span className={styles.legend}>{name}</span>}
          />
          {names.map((name, index) => {
            const layer = {
              dataKey: name,
              stackId: 'cost',
              fill: CHART_COLOURS[index % CHART_COLOURS.length],
              isAnimationActive: false,
            };
            // Days are sums, and a slope between a day with calls and one without would show spending that was
            // not there; only where every day has some, their course is a shape.
            return points.length < FEWEST_OF_AREA || hasGap ? (
              <Bar key={name} {...layer} maxBarSize={40} />
            ) : (
              <Area
                key={name}
                {...layer}
                type="linear"
                stroke={layer.fill}
                fillOpacity={0.7}
                dot={false}
              />
            );
          })}
          {props.dailyBudgetUsd !== undefined && measure === 'cost' && (
            <ReferenceLine
              y={props.dailyBudgetUsd}
              stroke="var(--bui-negative-bg)"
              strokeDasharray="6 4"
              label={{
                value: 'Budget per day',
                position: 'insideTopRight',
                fill: 'var(--bui-fg-secondary)',
                fontSize: 12,
              }}
              // A budget far above all that was spent must not flatten it to nothing.
              ifOverflow={
                props.dailyBudgetUsd <= BUDGET_IN_SIGHT * dearestDay
                  ? 'extendDomain'
                  : 'hidden'
              }
            />
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </ChartWithTable>
  );
}

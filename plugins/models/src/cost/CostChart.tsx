import {
  ChartWithTable,
  formatNanoUsd,
} from '@agentportal/plugin-agents-react';
import type { ReactNode } from 'react';
import {
  Area,
  AreaChart,
  CartesianGrid,
  Legend,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { CostSeries } from './series';

// Told apart by people who see red and green alike, in both themes.
const COLOURS = [
  '#4c8dd6',
  '#e69f00',
  '#2aa889',
  '#cc79a7',
  '#8b7fd4',
  '#d5703a',
  '#8a9099',
];

const MONTH_DAY = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});

interface CostChartProps {
  title: string;
  description?: string;
  series: CostSeries;
  actions?: ReactNode;
  /** A line to stay below, in US dollars per day. */
  dailyBudgetUsd?: number;
}

/** Cost by day, stacked. */
export function CostChart(props: CostChartProps) {
  const { points, names } = props.series;
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
        day: point.day,
        ...Object.fromEntries(
          names.map(name => [name, money(Number(point[name]))]),
        ),
      }))}
    >
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart
          data={points}
          margin={{ top: 8, right: 16, bottom: 0, left: 8 }}
        >
          <CartesianGrid vertical={false} stroke="var(--bui-border-1)" />
          <XAxis
            dataKey="day"
            tickFormatter={day => MONTH_DAY.format(new Date(day))}
            tick={{ fill: 'var(--bui-fg-secondary)', fontSize: 12 }}
            tickLine={false}
            minTickGap={24}
          />
          <YAxis
            tickFormatter={money}
            width={76}
            tick={{ fill: 'var(--bui-fg-secondary)', fontSize: 12 }}
            axisLine={false}
            tickLine={false}
          />
          <Tooltip
            formatter={value => money(Number(value))}
            labelFormatter={day =>
              `${MONTH_DAY.format(new Date(String(day)))} (UTC)`
            }
            contentStyle={{
              background: 'var(--bui-bg-app)',
              border: '1px solid var(--bui-border-2)',
              borderRadius: 8,
              color: 'var(--bui-fg-primary)',
            }}
          />
          <Legend wrapperStyle={{ fontSize: 12 }} />
          {names.map((name, index) => (
            <Area
              key={name}
              type="monotone"
              dataKey={name}
              stackId="cost"
              stroke={COLOURS[index % COLOURS.length]}
              fill={COLOURS[index % COLOURS.length]}
              fillOpacity={0.35}
              isAnimationActive={false}
            />
          ))}
          {props.dailyBudgetUsd !== undefined && (
            <ReferenceLine
              y={props.dailyBudgetUsd}
              stroke="var(--bui-border-danger)"
              strokeDasharray="6 4"
              label={{
                value: 'Budget per day',
                position: 'insideTopRight',
                fill: 'var(--bui-fg-secondary)',
                fontSize: 12,
              }}
              ifOverflow="extendDomain"
            />
          )}
        </AreaChart>
      </ResponsiveContainer>
    </ChartWithTable>
  );
}

function money(usd: number) {
  return formatNanoUsd(Math.round(usd * 1e9));
}

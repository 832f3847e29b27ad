import {
  CHART_COLOURS,
  CHART_TICK,
  CHART_TOOLTIP,
  ChartWithTable,
  formatCount,
} from '@agentportal/plugin-agents-react';
import type { AuditStats } from '@agentportal/plugin-governance-common';
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';

const [BLUE, ORANGE, , PINK] = CHART_COLOURS;
const LAYERS = [
  { key: 'others', name: 'Went through', colour: BLUE },
  { key: 'denied', name: 'Refused', colour: ORANGE },
  { key: 'failed', name: 'Failed', colour: PINK },
] as const;

const MONTH_DAY = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
});

interface EntryChartProps {
  stats: AuditStats;
  /** Every day that is shown. */
  days: string[];
  description?: string;
  onDay(day: string): void;
}

/** Entries by day; a click on a day chooses it. */
export function EntryChart(props: EntryChartProps) {
  const counts = new Map(props.stats.days.map(day => [day.day, day]));
  const points = props.days.map(day => {
    const { entries = 0, denied = 0, failed = 0 } = counts.get(day) ?? {};
    return { day, entries, denied, failed, others: entries - denied - failed };
  });
  const total = points.reduce((sum, { entries }) => sum + entries, 0);
  const refused = points.reduce((sum, { denied }) => sum + denied, 0);
  const failures = points.reduce((sum, { failed }) => sum + failed, 0);
  return (
    <ChartWithTable
      title={`${formatCount(total)} ${
        total === 1 ? 'entry' : 'entries'
      }, ${formatCount(refused)} refused, ${formatCount(failures)} failed`}
      description={props.description}
      height={140}
      columns={[
        { id: 'day', label: 'Day (UTC)' },
        { id: 'entries', label: 'Entries', align: 'right' },
        { id: 'denied', label: 'Refused', align: 'right' },
        { id: 'failed', label: 'Failed', align: 'right' },
      ]}
      rows={points.map(point => ({
        day: (
          <button type="button" onClick={() => props.onDay(point.day)}>
            {point.day}
          </button>
        ),
        entries: formatCount(point.entries),
        denied: formatCount(point.denied),
        failed: formatCount(point.failed),
      }))}
    >
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={points}
          margin={{ top: 4, right: 8, bottom: 0, left: 0 }}
          onClick={({ activeLabel }) =>
            activeLabel && props.onDay(String(activeLabel))
          }
          style={{ cursor: 'pointer' }}
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
            tickFormatter={value => formatCount(value)}
            allowDecimals={false}
            width={56}
            tick={CHART_TICK}
            axisLine={false}
            tickLine={false}
          />
          <Tooltip
            {...CHART_TOOLTIP}
            cursor={{ fill: 'var(--bui-bg-neutral-2)' }}
            formatter={value => formatCount(Number(value))}
            labelFormatter={day =>
              `${MONTH_DAY.format(new Date(String(day)))} (UTC)`
            }
          />
          <Legend
            wrapperStyle={{ fontSize: 12 }}
            itemSorter={null}
            iconType="square"
            formatter={name => (
              <span style={{ color: 'var(--bui-fg-secondary)' }}>{name}</span>
            )}
          />
          {LAYERS.map(({ key, name, colour }) => (
            <Bar
              key={key}
              dataKey={key}
              name={name}
              stackId="entries"
              fill={colour}
              maxBarSize={32}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </ChartWithTable>
  );
}

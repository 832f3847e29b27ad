import {
  CHART_COLOURS,
  CHART_TICK,
  CHART_TOOLTIP,
  ChartWithTable,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Legend,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { tracesTranslationRef } from '../translation';
import { momentText, tickText } from './moments';
import styles from './dashboard.module.css';

const HEIGHT = 200;

/** One layer of a chart. */
export interface Layer {
  name: string;
  /** A value for each time; undefined where there is none. */
  values: ReadonlyArray<number | undefined>;
  colour?: string;
}

/** Figures over time, which can also be read as a table; choosing a time leads to its traces. */
export function TimeChart(props: {
  title: string;
  description?: string;
  /** Begins of the intervals, milliseconds UTC, and their length. */
  times: readonly number[];
  step: number;
  layers: readonly Layer[];
  /** Bars are added up; lines are not. */
  kind: 'bars' | 'lines';
  text: (value: number) => string;
  /** How values beside the chart are written, where that takes more digits to tell them apart. */
  tick?: (value: number) => string;
  onChoose: (at: number, layer: number) => void;
}) {
  const { kind, layers, onChoose, step, text, tick = text, times } = props;
  const { t } = useTranslationRef(tracesTranslationRef);
  const points = times.map((at, i) => ({
    at,
    ...Object.fromEntries(layers.map(({ values }, n) => [n, values[i]])),
  }));
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return (
    <ChartWithTable
      title={props.title}
      description={props.description}
      height={HEIGHT}
      columns={[
        { id: 'at', label: t('charts.from') },
        ...layers.map(({ name }, n) => ({
          id: String(n),
          label: name,
          align: 'right' as const,
        })),
      ]}
      rows={points
        .filter((_, i) => layers.some(({ values }) => values[i]))
        .map(({ at, ...values }: Record<string, number | undefined>) => ({
          at: (
            <button
              type="button"
              className={styles.choice}
              title={t('charts.list')}
              onClick={() => onChoose(at!, 0)}
            >
              {momentText(at!)}
            </button>
          ),
          ...Object.fromEntries(
            Object.entries(values).map(([n, value]) => [
              n,
              value === undefined ? '–' : text(value),
            ]),
          ),
        }))}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={points}
          margin={{ top: 4, right: 8, bottom: 0, left: 0 }}
          style={{ cursor: 'pointer' }}
          onClick={({ activeLabel }) => {
            if (kind === 'lines' && activeLabel !== undefined) {
              onChoose(Number(activeLabel), 0);
            }
          }}
        >
          <CartesianGrid vertical={false} stroke="var(--bui-border-1)" />
          <XAxis
            dataKey="at"
            tickFormatter={at => tickText(at, step, span)}
            tick={CHART_TICK}
            tickLine={false}
            minTickGap={24}
          />
          <YAxis
            tickFormatter={tick}
            width={64}
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
            formatter={value => text(Number(value))}
            labelFormatter={at => `${momentText(Number(at))} (UTC)`}
          />
          <Legend
            wrapperStyle={{ fontSize: 12 }}
            itemSorter={null}
            iconType="square"
            formatter={name => <span className={styles.legend}>{name}</span>}
          />
          {layers.map(({ colour, name }, n) => {
            const layer = {
              dataKey: String(n),
              name,
              isAnimationActive: false,
            };
            const paint = colour ?? CHART_COLOURS[n % CHART_COLOURS.length];
            return kind === 'bars' ? (
              <Bar
                key={name}
                {...layer}
                stackId="all"
                fill={paint}
                maxBarSize={40}
                onClick={(_, index) => onChoose(times[index], n)}
              />
            ) : (
              <Line
                key={name}
                {...layer}
                type="linear"
                stroke={paint}
                strokeWidth={2}
                dot={{ r: 2 }}
                connectNulls
              />
            );
          })}
        </ComposedChart>
      </ResponsiveContainer>
    </ChartWithTable>
  );
}

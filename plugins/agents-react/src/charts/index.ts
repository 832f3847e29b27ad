export { Sparkline } from './Sparkline';
export type { SparklineProps } from './Sparkline';
export { StatTile } from './StatTile';
export type { StatTileProps } from './StatTile';
export { ChartWithTable } from './ChartWithTable';
export type { ChartWithTableProps, ChartTableColumn } from './ChartWithTable';
export { CHART_COLOURS, CHART_TICK, CHART_TOOLTIP } from './chartLook';

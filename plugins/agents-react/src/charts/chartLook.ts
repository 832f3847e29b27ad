/**
 * Colours of the layers of a chart: told apart by people who see red and green alike, in
 * both themes.
 *
 * @public
 */
export const CHART_COLOURS = [
  '#4c8dd6',
  '#e69f00',
  '#2aa889',
  '#cc79a7',
  '#8b7fd4',
  '#d5703a',
  '#8a9099',
] as const;

/**
 * How ticks beside a chart look.
 *
 * @public
 */
export const CHART_TICK = { fill: 'var(--bui-fg-secondary)', fontSize: 12 };

/**
 * How the box looks that says what a point of a chart is, in both themes.
 *
 * @public
 */
export const CHART_TOOLTIP = {
  itemStyle: { color: 'var(--bui-fg-primary)' },
  contentStyle: {
    background: 'var(--bui-bg-app)',
    border: '1px solid var(--bui-border-2)',
    borderRadius: 8,
    color: 'var(--bui-fg-primary)',
  },
};

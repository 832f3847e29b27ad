import type { CostItem } from '@agentportal/plugin-models-common';

/** One point per day; a number per series: US dollars, because axes are labelled in them, or tokens. */
export type ChartPoint = { day: string } & Record<string, number | string>;

/** Days and named series, the dearest first, the small ones summed up. */
export interface CostSeries {
  points: ChartPoint[];
  names: string[];
  measure: CostMeasure;
}

/** What a chart of costs shows; tokens where every call was free. */
export type CostMeasure = 'cost' | 'tokens';

/** The name of what is not shown one by one. */
export const OTHERS = 'Others';

const NANO = 1e-9;

const MEASURES: Record<CostMeasure, (item: CostItem) => number> = {
  cost: item => item.costNanoUsd * NANO,
  tokens: item => item.inputTokens + item.outputTokens,
};

/** Turns cost items grouped by day and split by something into stacked series, of tokens if all were free. */
export function seriesOf(
  items: CostItem[],
  days: string[],
  nameOf: (split: string) => string,
  most = 6,
): CostSeries {
  const measure = items.some(item => item.costNanoUsd > 0) ? 'cost' : 'tokens';
  const valueOf = MEASURES[measure];
  const totals = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item.split ?? '');
    totals.set(name, (totals.get(name) ?? 0) + valueOf(item));
  }
  const ranked = [...totals.keys()]
    .filter(name => totals.get(name))
    .sort(
      (a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0) || (a < b ? -1 : 1),
    );
  const shown = new Set(ranked.slice(0, most));
  const names = ranked.length > most ? [...shown, OTHERS] : [...shown];

  const byDay = new Map(
    days.map(day => [
      day,
      Object.fromEntries([['day', day], ...names.map(name => [name, 0])]),
    ]),
  );
  for (const item of items) {
    const point = byDay.get(item.key);
    if (!point) continue;
    const name = nameOf(item.split ?? '');
    if (!totals.get(name)) continue;
    const series = shown.has(name) ? name : OTHERS;
    point[series] = Number(point[series]) + valueOf(item);
  }
  return { points: [...byDay.values()] as ChartPoint[], names, measure };
}

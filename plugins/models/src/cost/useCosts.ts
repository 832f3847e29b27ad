import { useLoad } from '@agentportal/plugin-agents-react';
import type {
  CostDimension,
  CostItem,
  CostQuery,
} from '@agentportal/plugin-models-common';
import { useApi, useApiHolder } from '@backstage/frontend-plugin-api';
import { entityPresentationApiRef } from '@backstage/plugin-catalog-react';
import { modelsApiRef } from '../api/modelsApiRef';
import { keyTitles } from '../keys/keyTitles';
import { allCosts } from './allCosts';
import { nameOfGroup } from './dimensions';
import { daysOf, periodBefore, periodOf } from './period';
import type { PeriodId } from './period';
import { titlesOf } from './titlesOf';
import { seriesOf } from './series';

/** Which calls count: an agent's, an owner's, a system's, …; none means all. */
export type CostFilter = Pick<
  CostQuery,
  'agentRef' | 'ownerRef' | 'systemRef' | 'domainRef' | 'model' | 'keyId'
>;

/** Everything a view of costs shows for a period and a dimension. */
export function useCosts(
  period: PeriodId,
  dimension: CostDimension,
  filter: CostFilter,
) {
  const api = useApi(modelsApiRef);
  const apis = useApiHolder();
  const presentationApi = apis.get(entityPresentationApiRef);
  return useLoad(JSON.stringify([period, dimension, filter]), async signal => {
    const now = new Date();
    const span = periodOf(period, now);
    const [byDay, groups, before, forecast] = await Promise.all([
      allCosts(
        api,
        {
          groupBy: 'day',
          ...(dimension === 'day' ? {} : { splitBy: dimension }),
          ...span,
          ...filter,
        },
        signal,
      ),
      allCosts(api, { groupBy: dimension, ...span, ...filter }, signal),
      allCosts(
        api,
        { groupBy: dimension, ...periodBefore(period, now), ...filter },
        signal,
      ),
      period === 'month' ? api.forecastCosts(filter, { signal }) : undefined,
    ]);
    const split = [...new Set(byDay.items.map(item => item.split ?? ''))];
    const titles =
      dimension === 'key'
        ? await keyTitles(
            api,
            groups.items.sort(dearestFirst).map(item => item.key),
            signal,
          )
        : await titlesOf(dimension, split, presentationApi);
    return {
      series: seriesOf(
        byDay.items,
        daysOf(span),
        key => titles.get(key) ?? nameOfGroup(dimension, key),
      ),
      groups:
        dimension === 'day'
          ? groups.items.reverse()
          : groups.items.sort(dearestFirst),
      totals: groups.totals,
      visible: groups.visible,
      titles,
      before: before.items,
      forecast,
      span,
      totalsBefore: before.totals,
    };
  });
}

// Where calls are free, those that read and write most come first.
function dearestFirst(a: CostItem, b: CostItem) {
  return b.costNanoUsd - a.costNanoUsd || tokensOf(b) - tokensOf(a);
}

function tokensOf(item: CostItem) {
  return item.inputTokens + item.outputTokens;
}

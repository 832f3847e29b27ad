import { useLoad } from '@agentportal/plugin-agents-react';
import type {
  CostDimension,
  CostQuery,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/core-plugin-api';
import { modelsApiRef } from '../api/modelsApiRef';
import { allCosts } from './allCosts';
import { daysOf, periodBefore, periodOf } from './period';
import type { PeriodId } from './period';
import { nameOfGroup } from './dimensions';
import { seriesOf } from './series';

/** Which calls count: an agent's, an owner's, a system's, …; none means all. */
export type CostFilter = Pick<
  CostQuery,
  'agentRef' | 'ownerRef' | 'systemRef' | 'domainRef' | 'model'
>;

/** Everything a view of costs shows for a period and a dimension. */
export function useCosts(
  period: PeriodId,
  dimension: CostDimension,
  filter: CostFilter,
) {
  const api = useApi(modelsApiRef);
  return useLoad(JSON.stringify([period, dimension, filter]), async signal => {
    const now = new Date();
    const span = periodOf(period, now);
    const [byDay, groups, before] = await Promise.all([
      allCosts(
        api,
        { groupBy: 'day', splitBy: dimension, ...span, ...filter },
        signal,
      ),
      allCosts(api, { groupBy: dimension, ...span, ...filter }, signal),
      allCosts(
        api,
        { groupBy: dimension, ...periodBefore(period, now), ...filter },
        signal,
      ),
    ]);
    return {
      series: seriesOf(byDay.items, daysOf(span), split =>
        nameOfGroup(dimension, split),
      ),
      groups: groups.items,
      totals: groups.totals,
      before: before.items,
      totalsBefore: before.totals,
    };
  });
}

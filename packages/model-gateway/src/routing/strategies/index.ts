import type { RouteStrategy } from '../../directory/model';
import { byComplexity } from './byComplexity';
import { lowestCost } from './lowestCost';
import { lowestLatency } from './lowestLatency';
import { priority } from './priority';
import type { Strategy } from './Strategy';
import { weighted } from './weighted';

/** What the words of a route's `strategy` mean. */
export const STRATEGIES: Record<RouteStrategy, Strategy> = {
  priority,
  weighted,
  'lowest-cost': lowestCost,
  'lowest-latency': lowestLatency,
  complexity: byComplexity,
};

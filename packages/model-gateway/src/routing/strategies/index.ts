import type { RouteStrategy } from '../../directory/model';
import { byComplexity } from './byComplexity';
import { lowestCost } from './lowestCost';
import { lowestLatency } from './lowestLatency';
import type { Strategy } from './Strategy';
import { weighted } from './weighted';

/** In the order of the list. */
const priority: Strategy = (choices, { route }) => ({
  order: choices,
  why: `the first candidate of the route ${route} that could serve.`,
});

/** What the words of a route's `strategy` mean. */
export const STRATEGIES: Record<RouteStrategy, Strategy> = {
  priority,
  weighted,
  'lowest-cost': lowestCost,
  'lowest-latency': lowestLatency,
  complexity: byComplexity,
};

import type { Strategy } from './Strategy';

/** In the order of the list. */
export const priority: Strategy = (choices, { route }) => ({
  order: choices,
  why: `the first candidate of the route ${route} that could serve.`,
});

import type { RouteSummary } from '@agentportal/plugin-models-common';

type Strategy = RouteSummary['strategy'];

const WORDS: Record<Strategy, { title: string; sentence: string }> = {
  priority: {
    title: 'First that can serve',
    sentence: 'Takes the first candidate that can serve the request.',
  },
  weighted: {
    title: 'By shares',
    sentence: 'Spreads conversations over the candidates by their shares.',
  },
  'lowest-cost': {
    title: 'Cheapest',
    sentence: 'Takes the candidate that the request will cost least at.',
  },
  'lowest-latency': {
    title: 'Fastest',
    sentence: 'Takes the candidate that has lately begun to answer soonest.',
  },
  complexity: {
    title: 'By difficulty',
    sentence:
      'Takes the cheapest candidate that is trusted with requests as hard as this one.',
  },
};

/** How a route chooses, in words. */
export function strategyWords(strategy: Strategy) {
  return WORDS[strategy];
}

/** The rest of how a route behaves, as sentences. */
export function behaviourOf(route: RouteSummary): string[] {
  return [
    route.sticky && 'A conversation stays with its model while that can serve.',
    route.hedge &&
      'When the first model is slow to begin, a second one is asked too; the first answer counts.',
    route.fallbacks.length > 0 &&
      'When no candidate can serve, the fallbacks are tried in order.',
  ].filter(sentence => typeof sentence === 'string');
}

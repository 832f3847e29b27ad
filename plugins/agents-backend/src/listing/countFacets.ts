import type { AgentFacets } from '@agentportal/plugin-agents-common';
import { type AgentFilter, type Facet, FACETS } from './AgentFilter';
import { type FacetCounts, sortFacets } from './FacetCounts';
import { facetTests, type IndexableAgent, valuesOf } from './facetValues';

/** Counts agents that are in memory, by the same rules as the catalog does. */
export function countFacets(
  agents: readonly IndexableAgent[],
  filter: AgentFilter,
): AgentFacets {
  const counts = new Map<Facet, Map<string, number>>(
    FACETS.map(facet => [facet, new Map()]),
  );
  const tests = facetTests(filter);
  for (const agent of agents) {
    const failed = tests.filter(({ test }) => !test(agent));
    if (failed.length > 1) {
      continue;
    }
    // A facet ignores its own filter, so what fails only there counts there.
    const facets = failed.length ? [failed[0].facet] : FACETS;
    for (const facet of facets) {
      const values = valuesOf(agent, facet);
      const counted = counts.get(facet)!;
      if (typeof values === 'object') {
        values.forEach(value => increment(counted, value));
      } else if (values !== undefined) {
        increment(counted, values);
      }
    }
  }
  return sortFacets(Object.fromEntries(counts) as FacetCounts);
}

function increment(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

import type { AgentFacets } from '@agentportal/plugin-agents-common';
import { type Facet, FACETS } from './AgentFilter';

/** More choices than this help nobody; the rarest are left out. */
const MAX_VALUES = 200;

/** Counts by value, by facet. */
export type FacetCounts = Partial<Record<Facet, Map<string, number>>>;

/** Puts the most frequent values first. */
export function sortFacets(counts: FacetCounts): AgentFacets {
  return Object.fromEntries(
    FACETS.map(facet => [
      facet,
      [...(counts[facet] ?? [])]
        .map(([value, count]) => ({ value, count }))
        .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
        .slice(0, MAX_VALUES),
    ]),
  ) as AgentFacets;
}

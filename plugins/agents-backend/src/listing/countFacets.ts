import type {
  AgentFacets,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import { type AgentFilter, type Facet, FACETS } from './AgentFilter';
import { type FacetCounts, sortFacets } from './FacetCounts';

/** Counts agents that are in memory, by the same rules as the catalog does. */
export function countFacets(
  agents: AgentSummary[],
  filter: AgentFilter,
): AgentFacets {
  const counts: FacetCounts = Object.fromEntries(
    FACETS.map(facet => [facet, new Map<string, number>()]),
  );
  for (const agent of agents) {
    const failed = FACETS.filter(facet => !matches(agent, facet, filter));
    for (const facet of FACETS) {
      if (failed.every(other => other === facet)) {
        for (const value of valuesOf(agent, facet)) {
          const values = counts[facet]!;
          values.set(value, (values.get(value) ?? 0) + 1);
        }
      }
    }
  }
  return sortFacets(counts);
}

function matches(
  agent: AgentSummary,
  facet: Facet,
  filter: AgentFilter,
): boolean {
  const wanted = filter[facet];
  return (
    !wanted.length ||
    valuesOf(agent, facet).some(value => wanted.includes(value))
  );
}

function valuesOf(agent: AgentSummary, facet: Facet): string[] {
  const value = {
    owner: agent.ownerRef,
    domain: agent.domainRef,
    system: agent.systemRef,
    lifecycle: agent.lifecycle,
    autonomy: agent.autonomy,
    model: agent.modelRef,
    tool: agent.toolRefs,
    type: agent.type,
  }[facet];
  return [value ?? []].flat();
}

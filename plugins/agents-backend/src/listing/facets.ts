import type {
  AgentFacets,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import { type AgentFilter, type Facet, FACETS } from './AgentFilter';

/** More choices than this help nobody; the rarest are left out. */
const MAX_VALUES = 200;

/** An agent as it is for everyone. */
export type IndexableAgent = Omit<AgentSummary, 'mine' | 'standing'> & {
  /** Where the catalog has it from, which is for the portal alone. */
  origin?: string;
};

/** What an agent is filtered and counted by. */
const FACET_VALUES: Record<
  Facet,
  (agent: IndexableAgent) => string | readonly string[] | undefined
> = {
  owner: agent => agent.ownerRef,
  domain: agent => agent.domainRef,
  system: agent => agent.systemRef,
  lifecycle: agent => agent.lifecycle,
  autonomy: agent => agent.autonomy,
  model: agent => agent.modelRef,
  tool: agent => agent.toolRefs,
  type: agent => agent.type,
};

/** The facets whose values are entity refs. */
export const REF_FACETS = [
  'owner',
  'domain',
  'system',
  'model',
  'tool',
] as const;

/** The values that an agent has for a facet. */
export function valuesOf(
  agent: IndexableAgent,
  facet: Facet,
): readonly string[] {
  const values = FACET_VALUES[facet](agent) ?? [];
  return typeof values === 'string' ? [values] : values;
}

/** The facets in which an agent is not what the filter asks for. */
export function mismatchedBy(
  filter: AgentFilter,
): (agent: IndexableAgent) => Facet[] {
  const tests = FACETS.filter(facet => filter[facet].length).map(facet => ({
    facet,
    // The catalog compares without regard to case, so this does too.
    wanted: new Set(
      filter[facet].map(value => value.toLocaleLowerCase('en-US')),
    ),
  }));
  return agent =>
    tests
      .filter(
        ({ facet, wanted }) =>
          !valuesOf(agent, facet).some(value => wanted.has(value)),
      )
      .map(({ facet }) => facet);
}

/** Counts agents by value, the most frequent values first. */
export function countFacets(
  agents: Iterable<IndexableAgent>,
  filter: AgentFilter,
): AgentFacets {
  const counts = new Map(
    FACETS.map(facet => [facet, new Map<string, number>()]),
  );
  const mismatched = mismatchedBy(filter);
  for (const agent of agents) {
    const failed = mismatched(agent);
    if (failed.length > 1) {
      continue;
    }
    // A facet ignores its own filter, so what fails only there counts there.
    for (const facet of failed.length ? failed : FACETS) {
      const counted = counts.get(facet)!;
      for (const value of valuesOf(agent, facet)) {
        counted.set(value, (counted.get(value) ?? 0) + 1);
      }
    }
  }
  return Object.fromEntries(
    [...counts].map(([facet, counted]) => [
      facet,
      [...counted]
        .map(([value, count]) => ({ value, count }))
        .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
        .slice(0, MAX_VALUES),
    ]),
  ) as unknown as AgentFacets;
}

/** Adds the titles of the entities that facet values refer to. */
export function labelFacets(
  facets: AgentFacets,
  labels: ReadonlyMap<string, string>,
): AgentFacets {
  const labelled = { ...facets };
  for (const facet of REF_FACETS) {
    labelled[facet] = facets[facet].map(entry => {
      const label = labels.get(entry.value);
      return label ? { ...entry, label } : entry;
    });
  }
  return labelled;
}

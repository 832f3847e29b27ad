import type { AgentSummary } from '@agentportal/plugin-agents-common';
import { type AgentFilter, type Facet, FACETS } from './AgentFilter';

type Values = string | readonly string[] | undefined;

/** What an agent is filtered and counted by. */
const FACET_VALUES = {
  owner: agent => agent.ownerRef,
  domain: agent => agent.domainRef,
  system: agent => agent.systemRef,
  lifecycle: agent => agent.lifecycle,
  autonomy: agent => agent.autonomy,
  model: agent => agent.modelRef,
  tool: agent => agent.toolRefs,
  type: agent => agent.type,
} satisfies Record<Facet, (agent: IndexableAgent) => Values>;

/** An agent as it is for everyone. */
export type IndexableAgent = Omit<AgentSummary, 'mine'>;

/** The values that an agent has for a facet. */
export function valuesOf(agent: IndexableAgent, facet: Facet): Values {
  return FACET_VALUES[facet](agent);
}

/** Tells whether an agent has what a filter asks of a facet. */
export interface FacetTest {
  facet: Facet;
  test(agent: IndexableAgent): boolean;
}

/** One test per facet in which the filter has a choice. */
export function facetTests(filter: AgentFilter): FacetTest[] {
  return FACETS.filter(facet => filter[facet].length).map(facet => {
    // The catalog compares without regard to case, so this does too.
    const wanted = new Set(
      filter[facet].map(value => value.toLocaleLowerCase('en-US')),
    );
    return {
      facet,
      test: agent => {
        const values = valuesOf(agent, facet);
        return typeof values === 'object'
          ? values.some(value => wanted.has(value))
          : values !== undefined && wanted.has(values);
      },
    };
  });
}

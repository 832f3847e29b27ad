import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentFacets } from '@agentportal/plugin-agents-common';
import { type AgentFilter, type Facet, FACETS } from './AgentFilter';
import { type CatalogPredicate, FACET_KEYS } from './agentPredicate';
import { type FacetCounts, sortFacets } from './FacetCounts';

/** What a key that several facets share is told apart by. */
const REF_PREFIX: Partial<Record<Facet, string>> = {
  system: 'system:',
  model: 'model:',
  tool: 'tool:',
};

/**
 * Lets the catalog count. Facets without a choice share one query; a facet
 * with one has its own, since it ignores its own filter.
 */
export async function queryFacets(options: {
  catalog: CatalogService;
  credentials: BackstageCredentials;
  domainOf: Map<string, string>;
  filter: AgentFilter;
  predicate: (except?: Facet) => Promise<CatalogPredicate>;
}): Promise<AgentFacets> {
  const { filter } = options;
  const chosen = FACETS.filter(facet => filter[facet].length);
  const free = FACETS.filter(facet => !filter[facet].length);
  const counts: FacetCounts = {};

  await Promise.all(
    [free, ...chosen.map(facet => [facet])].map(async facets => {
      const keys = [...new Set(facets.map(keyOf))];
      if (!keys.length) {
        return;
      }
      const except = facets === free ? undefined : facets[0];
      const { facets: found } = await options.catalog.getEntityFacets(
        { query: await options.predicate(except), facets: keys },
        { credentials: options.credentials },
      );
      for (const facet of facets) {
        const values = found[keyOf(facet)] ?? [];
        counts[facet] =
          facet === 'domain'
            ? byDomain(values, options.domainOf)
            : withPrefix(values, REF_PREFIX[facet]);
      }
    }),
  );
  return sortFacets(counts);
}

function keyOf(facet: Facet): string {
  return FACET_KEYS[facet === 'domain' ? 'system' : facet];
}

function withPrefix(
  values: Array<{ value: string; count: number }>,
  prefix = '',
): Map<string, number> {
  return new Map(
    values
      .filter(({ value }) => value.startsWith(prefix))
      .map(({ value, count }) => [value, count]),
  );
}

function byDomain(
  systems: Array<{ value: string; count: number }>,
  domainOf: Map<string, string>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { value, count } of systems) {
    const domain = domainOf.get(value);
    if (domain) {
      counts.set(domain, (counts.get(domain) ?? 0) + count);
    }
  }
  return counts;
}

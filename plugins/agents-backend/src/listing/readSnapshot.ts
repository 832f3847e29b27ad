import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentSnapshot, IndexedAgent } from './AgentIndex';
import { AGENTS } from './agentPredicate';
import { valuesOf } from './facetValues';
import { readLabels, REF_FACETS } from './labelFacets';
import type { SystemDomains } from './SystemDomains';
import { SUMMARY_FIELDS, toIndexable } from './toSummary';
import { searchTextOf } from './words';

/**
 * Few enough that a page holds up the other requests of the process only for
 * a moment.
 */
const PAGE_SIZE = 250;
const byTitle = new Intl.Collator('en-US');

/** Reads all agents, as the plugin itself may see them. */
export async function readSnapshot(options: {
  auth: AuthService;
  catalog: CatalogService;
  domains: SystemDomains;
}): Promise<AgentSnapshot> {
  const { catalog } = options;
  const credentials = await options.auth.getOwnServiceCredentials();
  const domainOf = await options.domains.domainOf();
  const agents: IndexedAgent[] = [];
  const refs = new Set<string>();
  const pages = catalog.streamEntities(
    {
      query: AGENTS,
      fields: SUMMARY_FIELDS,
      pageSize: PAGE_SIZE,
      totalItems: 'exclude',
    },
    { credentials },
  );
  for await (const page of pages) {
    for (const entity of page) {
      const agent = toIndexable(entity, domainOf);
      agents.push({ agent, text: searchTextOf(entity) });
      for (const facet of REF_FACETS) {
        [valuesOf(agent, facet) ?? []].flat().forEach(ref => refs.add(ref));
      }
    }
  }
  agents.sort(
    ({ agent: a }, { agent: b }) =>
      byTitle.compare(a.title, b.title) || byTitle.compare(a.ref, b.ref),
  );
  return { agents, labels: await readLabels(refs, { catalog, credentials }) };
}

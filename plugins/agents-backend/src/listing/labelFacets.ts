import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentFacets } from '@agentportal/plugin-agents-common';

const REF_FACETS = ['owner', 'domain', 'system', 'model', 'tool'] as const;

/** Adds the titles of the entities that facet values refer to. */
export async function labelFacets(
  facets: AgentFacets,
  options: { catalog: CatalogService; credentials: BackstageCredentials },
): Promise<AgentFacets> {
  const refs = new Set(
    REF_FACETS.flatMap(facet => facets[facet].map(({ value }) => value)),
  );
  if (!refs.size) {
    return facets;
  }
  const entityRefs = [...refs];
  const { items } = await options.catalog.getEntitiesByRefs(
    {
      entityRefs,
      fields: ['kind', 'metadata.name', 'metadata.title', 'spec.profile'],
    },
    { credentials: options.credentials },
  );
  const labels = new Map(entityRefs.map((ref, i) => [ref, labelOf(items[i])]));
  const labelled = { ...facets };
  for (const facet of REF_FACETS) {
    labelled[facet] = facets[facet].map(entry => {
      const label = labels.get(entry.value);
      return label ? { ...entry, label } : entry;
    });
  }
  return labelled;
}

function labelOf(entity: Entity | undefined): string | undefined {
  const profile = entity?.spec?.profile as { displayName?: string } | undefined;
  return profile?.displayName ?? entity?.metadata.title;
}

import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { AgentFacets } from '@agentportal/plugin-agents-common';

/** The facets whose values are entity refs. */
export const REF_FACETS = [
  'owner',
  'domain',
  'system',
  'model',
  'tool',
] as const;

/** Keeps each request of labels well below what the catalog takes at once. */
const REFS_PER_REQUEST = 500;

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

/** The refs that facets speak of. */
export function refsIn(facets: AgentFacets): string[] {
  return REF_FACETS.flatMap(facet => facets[facet].map(({ value }) => value));
}

/** Reads the titles of entities, as far as the caller may see them. */
export async function readLabels(
  refs: Iterable<string>,
  options: { catalog: CatalogService; credentials: BackstageCredentials },
): Promise<Map<string, string>> {
  const all = [...new Set(refs)];
  const labels = new Map<string, string>();
  for (let i = 0; i < all.length; i += REFS_PER_REQUEST) {
    const entityRefs = all.slice(i, i + REFS_PER_REQUEST);
    const { items } = await options.catalog.getEntitiesByRefs(
      {
        entityRefs,
        fields: ['kind', 'metadata.name', 'metadata.title', 'spec.profile'],
      },
      { credentials: options.credentials },
    );
    entityRefs.forEach((ref, n) => {
      const label = labelOf(items[n]);
      if (label) {
        labels.set(ref, label);
      }
    });
  }
  return labels;
}

function labelOf(entity: Entity | undefined): string | undefined {
  const profile = entity?.spec?.profile as { displayName?: string } | undefined;
  return profile?.displayName ?? entity?.metadata.title;
}

import type {
  AgentFacets,
  AgentFacetsQuery,
} from '@agentportal/plugin-agents-common';

/** The facets in the order in which they are shown; their titles are `facets.…` of the translation. */
export const FACETS = [
  { key: 'owner' },
  { key: 'domain' },
  { key: 'lifecycle' },
  { key: 'autonomy' },
  { key: 'model' },
  { key: 'tool' },
] as const satisfies ReadonlyArray<{ key: keyof AgentFacets }>;

/** A field by which agents are filtered. */
export type FacetKey = (typeof FACETS)[number]['key'];

/** State of the page that its URL holds. */
export const HOME_STATE = {
  q: '',
  view: 'cards',
  owner: [],
  domain: [],
  lifecycle: [],
  autonomy: [],
  model: [],
  tool: [],
} as const;

/** The filters, as the URL holds them. */
export type AgentFilters = { q: string } & Record<FacetKey, string[]>;

/** The filters as the backend takes them. */
export function toQuery(filters: AgentFilters): AgentFacetsQuery {
  const query: AgentFacetsQuery = {};
  const words = filters.q.trim();
  if (words) {
    query.q = words;
  }
  for (const { key } of FACETS) {
    if (filters[key].length > 0) {
      query[key] = filters[key];
    }
  }
  return query;
}

/** How many values are chosen, over all facets. */
export function countChosen(filters: AgentFilters): number {
  return FACETS.reduce((sum, { key }) => sum + filters[key].length, 0);
}

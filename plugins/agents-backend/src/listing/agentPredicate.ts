import type { QueryEntitiesInitialRequest } from '@backstage/catalog-client';
import { AGENT_PORTAL_API_VERSION } from '@agentportal/plugin-agents-common';
import type { AgentFilter, Facet } from './AgentFilter';

/** A predicate in the catalog's own language. */
export type CatalogPredicate = NonNullable<
  QueryEntitiesInitialRequest['query']
>;

/**
 * The keys of the catalog's search table that hold what a facet is about.
 * Relations are used rather than spec fields, because they hold full refs.
 */
export const FACET_KEYS = {
  owner: 'relations.ownedBy',
  system: 'relations.partOf',
  model: 'relations.dependsOn',
  tool: 'relations.dependsOn',
  lifecycle: 'spec.lifecycle',
  autonomy: 'spec.autonomy',
  type: 'spec.type',
} as const satisfies Partial<Record<Facet, string>>;

/** All agents. A kind Agent of another apiVersion group is not ours to list. */
export const AGENTS: CatalogPredicate = {
  kind: 'Agent',
  apiVersion: AGENT_PORTAL_API_VERSION,
};

/** Matches nothing: an `$any` of nothing. */
const NOTHING: CatalogPredicate = { $any: [] };

/**
 * The catalog predicate for a filter, but for its words (`q`), which the
 * catalog matches in another way.
 */
export function agentPredicate(options: {
  filter: AgentFilter;
  /** What the caller owns things as. */
  ownershipRefs: string[];
  /** Refs of the systems in the domains of the filter. */
  systemsOfDomains: string[];
  /** Leaves out the filter of this facet. */
  except?: Facet;
}): CatalogPredicate {
  const { filter, ownershipRefs, systemsOfDomains, except } = options;
  const all: CatalogPredicate[] = [AGENTS];
  for (const [facet, key] of Object.entries(FACET_KEYS)) {
    const values = filter[facet as keyof typeof FACET_KEYS];
    if (values.length && facet !== except) {
      all.push(isOneOf(key, values));
    }
  }
  if (filter.domain.length && except !== 'domain') {
    all.push(
      systemsOfDomains.length
        ? isOneOf('relations.partOf', systemsOfDomains)
        : NOTHING,
    );
  }
  if (filter.mine === 'only') {
    all.push(ownedBy(ownershipRefs));
  }
  return { $all: all };
}

/** Matches what one of the given users and groups owns. */
export function ownedBy(ownershipRefs: string[]): CatalogPredicate {
  return ownershipRefs.length
    ? isOneOf('relations.ownedBy', ownershipRefs)
    : NOTHING;
}

function isOneOf(key: string, values: string[]): CatalogPredicate {
  return { [key]: { $in: values } } as CatalogPredicate;
}

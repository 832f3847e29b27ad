import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AGENT_PORTAL_API_VERSION,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import { originOf } from '@agentportal/plugin-agents-node';
import { readAgentRefs } from '../identities/agentRef';
import type { AgentSnapshot, IndexedAgent } from './AgentIndex';
import { type IndexableAgent, REF_FACETS, valuesOf } from './facets';

/** All agents. A kind Agent of another apiVersion group is not ours to list. */
export const AGENTS = {
  kind: 'Agent',
  apiVersion: AGENT_PORTAL_API_VERSION,
};

/** The parts of an entity that a summary is made of. */
const SUMMARY_FIELDS = [
  'apiVersion',
  'kind',
  'metadata',
  'spec.type',
  'spec.lifecycle',
  'spec.owner',
  'spec.sponsor',
  'spec.system',
  'spec.autonomy',
  'spec.identity',
  'spec.dataClassification',
  'spec.model',
  'spec.tools',
];

/**
 * Few enough that a page holds up the other requests of the process only for
 * a moment.
 */
const PAGE_SIZE = 250;
/** Keeps each request of labels well below what the catalog takes at once. */
const REFS_PER_REQUEST = 500;
const byTitle = new Intl.Collator('en-US');

/** Reads all agents, as the plugin itself may see them. */
export async function readSnapshot(options: {
  auth: AuthService;
  catalog: CatalogService;
}): Promise<AgentSnapshot> {
  const { catalog } = options;
  const credentials = await options.auth.getOwnServiceCredentials();
  const domainOf = await readDomains(catalog, credentials);
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
      if (!agent) {
        continue;
      }
      agents.push({ agent, text: searchTextOf(agent) });
      for (const facet of REF_FACETS) {
        valuesOf(agent, facet).forEach(ref => refs.add(ref));
      }
    }
  }
  agents.sort(
    ({ agent: a }, { agent: b }) =>
      byTitle.compare(a.title, b.title) || byTitle.compare(a.ref, b.ref),
  );
  const labels = await readLabels(refs, { catalog, credentials });
  return { agents, domainOf, labels };
}

/** The part of a summary that is the same for everyone; none when it cannot be read. */
export function toIndexable(
  entity: Entity,
  domainOf: ReadonlyMap<string, string>,
): IndexableAgent | undefined {
  const { metadata, spec } = entity as AgentEntity;
  const refs = readAgentRefs(entity);
  if (!refs) {
    return undefined;
  }
  return {
    ref: stringifyEntityRef(entity),
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    title: metadata.title ?? metadata.name,
    description: metadata.description ?? '',
    type: spec.type,
    ownerRef: refs.owner,
    sponsorRef: refs.sponsor,
    systemRef: refs.system,
    domainRef: refs.system ? domainOf.get(refs.system) : undefined,
    lifecycle: spec.lifecycle,
    autonomy: spec.autonomy,
    identity: spec.identity ?? 'person',
    dataClassification: spec.dataClassification,
    modelRef: refs.model,
    toolRefs: refs.tools,
    tags: metadata.tags ?? [],
    origin: originOf(entity),
  };
}

/** Reads the titles of entities, as far as the credentials show them. */
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
      const profile = items[n]?.spec?.profile as
        | { displayName?: string }
        | undefined;
      const label = profile?.displayName ?? items[n]?.metadata.title;
      if (label) {
        labels.set(ref, label);
      }
    });
  }
  return labels;
}

/** Refs of domains by the refs of their systems. */
async function readDomains(
  catalog: CatalogService,
  credentials: BackstageCredentials,
): Promise<Map<string, string>> {
  const domainOf = new Map<string, string>();
  const pages = catalog.streamEntities(
    {
      query: { kind: 'System' },
      fields: ['kind', 'metadata.namespace', 'metadata.name', 'relations'],
    },
    { credentials },
  );
  for await (const page of pages) {
    for (const system of page) {
      const domain = system.relations?.find(
        ({ type, targetRef }) =>
          type === RELATION_PART_OF && targetRef.startsWith('domain:'),
      );
      if (domain) {
        domainOf.set(stringifyEntityRef(system), domain.targetRef);
      }
    }
  }
  return domainOf;
}

/** All that words are looked for in, in lower case. */
function searchTextOf(agent: IndexableAgent): string {
  return [agent.name, agent.title, agent.description, ...agent.tags]
    .join('\n')
    .toLocaleLowerCase('en-US');
}

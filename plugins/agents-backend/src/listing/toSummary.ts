import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  type AgentEntity,
  agentRefsOf,
  type AgentSummary,
} from '@agentportal/plugin-agents-common';
import type { IndexableAgent } from './facetValues';

/** The parts of an entity that a summary is made of. */
export const SUMMARY_FIELDS = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.description',
  'metadata.tags',
  'spec.type',
  'spec.lifecycle',
  'spec.owner',
  'spec.sponsor',
  'spec.system',
  'spec.autonomy',
  'spec.dataClassification',
  'spec.model',
  'spec.tools',
];

/** Makes the summary of an agent for a caller. */
export function toSummary(
  entity: Entity,
  context: { ownershipRefs: string[]; domainOf: Map<string, string> },
): AgentSummary {
  const agent = toIndexable(entity, context.domainOf);
  return { ...agent, mine: context.ownershipRefs.includes(agent.ownerRef) };
}

/** Makes the part of a summary that is the same for everyone. */
export function toIndexable(
  entity: Entity,
  domainOf: Map<string, string>,
): IndexableAgent {
  const agent = entity as AgentEntity;
  const { metadata, spec } = agent;
  const refs = agentRefsOf(agent);
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
    dataClassification: spec.dataClassification,
    modelRef: refs.model,
    toolRefs: refs.tools,
    tags: metadata.tags ?? [],
  };
}

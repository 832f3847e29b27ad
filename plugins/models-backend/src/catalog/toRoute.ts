import type { GatewayRoute, RouteCandidate } from '@agentportal/model-gateway';
import {
  type ModelEntity,
  modelRefOf,
} from '@agentportal/plugin-agents-common';
import {
  DEFAULT_NAMESPACE,
  stringifyEntityRef,
} from '@backstage/catalog-model';

/** The route that a valid entity declares. */
export function toRoute(entity: ModelEntity): GatewayRoute {
  const { spec, metadata } = entity;
  const defaultNamespace = metadata.namespace ?? DEFAULT_NAMESPACE;
  // A gateway id stays one, so that people read what was written.
  const refOf = (model: string) =>
    isGatewayId(model) ? model : modelRefOf(model, { defaultNamespace });
  return {
    name: metadata.name,
    ref: stringifyEntityRef(entity),
    title: metadata.title ?? metadata.name,
    description: metadata.description,
    strategy: spec.strategy,
    candidates: (spec.candidates ?? []).map(
      (candidate): RouteCandidate =>
        typeof candidate === 'string'
          ? { model: refOf(candidate) }
          : { ...candidate, model: refOf(candidate.model) },
    ),
    fallbacks: spec.fallbacks?.map(refOf),
    sticky: spec.sticky,
    retries: spec.retries,
    hedge: spec.hedge,
  };
}

function isGatewayId(model: string): boolean {
  return model.includes('/') && !/^model:/i.test(model);
}

import type {
  GatewayRoute,
  ModelDirectory,
  RouteCandidate,
} from '@agentportal/model-gateway';
import type { RouteSummary } from '@agentportal/plugin-models-common';
import {
  type Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { RouteEdit } from './RouteStore';

/** A route as the API shows it. */
export function toRouteSummary(
  route: GatewayRoute,
  known: {
    directory: ModelDirectory;
    ownerRef?: string;
    inCatalog: boolean;
    edit?: RouteEdit;
    mayEdit: boolean;
  },
): RouteSummary {
  const { directory, edit, inCatalog, mayEdit, ownerRef } = known;
  const target = (name: string) => {
    const model = directory.model(name);
    const unavailable = model
      ? model.unavailable
      : 'No provider has this model.';
    return {
      id: model?.id ?? name,
      available: unavailable === undefined,
      ...(unavailable && { unavailable }),
    };
  };
  return {
    name: route.name,
    ref: route.ref,
    title: route.title,
    description: route.description,
    ownerRef,
    strategy: route.strategy ?? 'priority',
    candidates: route.candidates.map(candidate => ({
      ...target(candidate.model),
      weight: candidate.weight,
      tier: candidate.tier,
      rules: rulesInWords(candidate),
    })),
    fallbacks: (route.fallbacks ?? []).map(target),
    // As the gateway has it: by priority a conversation goes back to the best.
    sticky: route.sticky ?? (route.strategy ?? 'priority') !== 'priority',
    hedge: route.hedge !== undefined,
    source: edit ? 'portal' : 'catalog',
    inCatalog,
    ...(edit && {
      saved: { at: new Date(edit.savedAt).toISOString(), by: edit.savedBy },
    }),
    mayEdit,
  };
}

/** Who owns a route: by its relations in the catalog, or by what it says. */
export function ownersOf(entity: Entity): string[] {
  const related = (entity.relations ?? [])
    .filter(({ type }) => type === RELATION_OWNED_BY)
    .map(({ targetRef }) => targetRef);
  if (related.length > 0) {
    return related;
  }
  const { owner } = (entity.spec ?? {}) as { owner?: string };
  return owner
    ? [
        stringifyEntityRef(
          parseEntityRef(owner, {
            defaultKind: 'group',
            defaultNamespace: 'default',
          }),
        ),
      ]
    : [];
}

function rulesInWords({ when }: RouteCandidate): string[] {
  if (!when) {
    return [];
  }
  const { dataClassification, maxInputTokens, minInputTokens, needs } = when;
  return [
    minInputTokens !== undefined &&
      `For requests of at least ${minInputTokens} tokens.`,
    maxInputTokens !== undefined &&
      `For requests of at most ${maxInputTokens} tokens.`,
    needs?.length && `For requests that need ${needs.join(' or ')}.`,
    dataClassification?.length &&
      `For data that is ${dataClassification.join(' or ')}.`,
  ].filter(rule => typeof rule === 'string');
}

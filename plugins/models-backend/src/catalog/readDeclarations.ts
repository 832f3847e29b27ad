import type {
  DeclaredModel,
  GatewayRoute,
  Price,
  RouteCandidate,
} from '@agentportal/model-gateway';
import {
  isModelEntity,
  type ModelEntity,
  modelRefOf,
} from '@agentportal/plugin-agents-common';
import {
  type CatalogTrust,
  isMirrored,
  originOf,
} from '@agentportal/plugin-agents-node';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  DEFAULT_NAMESPACE,
  type Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { toPrice } from '../prices/flatPrice';

/** What the catalog says about models and routes. */
export interface Declarations {
  /** Whose word counts for more comes later. */
  models: DeclaredModel[];
  routes: GatewayRoute[];
  /** By gateway id. */
  prices: Map<string, Price>;
  /** What is said of routes that is not believed, as sentences. */
  ignored: string[];
}

/** What an entity may say of a model, with the words for it. */
const FACTS = {
  contextWindow: 'context window',
  maxOutputTokens: 'longest answer',
  capabilities: 'capabilities',
} as const;

/** Reads all Model entities. */
export async function readDeclarations(options: {
  catalog: CatalogService;
  auth: AuthService;
  trust: CatalogTrust;
}): Promise<Declarations> {
  const { auth, catalog, trust } = options;
  const routes: GatewayRoute[] = [];
  const ignored: string[] = [];
  const entities: ModelEntity[] = [];
  const pages = catalog.streamEntities(
    { filter: { kind: 'Model' } },
    { credentials: await auth.getOwnServiceCredentials() },
  );
  for await (const page of pages) {
    for (const entity of page.filter(isModelEntity)) {
      if (entity.spec.type === 'route') {
        if (mayTakeItsName(entity, trust)) {
          routes.push({
            ...toRoute(entity),
            isVouchedFor: trust.mayState('routeName', { stating: entity }),
          });
        } else {
          ignored.push(
            `The route ${stringifyEntityRef(entity)} is ignored: ${distrustOf(
              entity,
            )} Give it a namespace of its own.`,
          );
        }
      } else if (!isMirrored(entity)) {
        entities.push(entity);
      }
    }
  }
  const models: DeclaredModel[] = [];
  const prices = new Map<string, Price>();
  const trusted = entities.filter(entity => trust.trusts(entity));
  for (const entity of [
    ...entities.filter(each => !trusted.includes(each)),
    ...trusted,
  ]) {
    const declared = toDeclaredModel(entity, trust);
    if (declared) {
      models.push(declared.model);
      if (declared.price) {
        const { modelId, provider } = declared.model;
        prices.set(`${provider}/${modelId}`, declared.price);
      }
    }
  }
  return { models, routes, prices, ignored };
}

/**
 * Agents ask for names in the namespace `default` without knowing who is behind them.
 * Whoever may register a location takes names in other namespaces only.
 */
export function mayTakeItsName(entity: Entity, trust: CatalogTrust): boolean {
  const { namespace = DEFAULT_NAMESPACE } = entity.metadata;
  return (
    namespace !== DEFAULT_NAMESPACE ||
    trust.mayState('routeName', { stating: entity })
  );
}

function distrustOf(entity: Entity): string {
  return `it comes from ${
    originOf(entity) ?? 'no location'
  }, which is neither in catalog.locations nor in agents.trustedLocations.`;
}

/** What a valid entity says of a model, as far as it is believed. */
function toDeclaredModel(
  entity: ModelEntity,
  trust: CatalogTrust,
): { model: DeclaredModel; price?: Price } | undefined {
  const { provider, modelId, type, price, ...spec } = entity.spec;
  if (!provider || !modelId || type === 'route') {
    return undefined;
  }
  const ref = stringifyEntityRef(entity);
  const about = { stating: entity };
  const believesFacts = trust.mayState('modelFacts', about);
  const believesPrice = trust.mayState('price', about);
  const { contextWindow, maxOutputTokens, capabilities } = spec;
  const facts = { contextWindow, maxOutputTokens, capabilities };
  const told = (Object.keys(FACTS) as Array<keyof typeof FACTS>).filter(
    fact => facts[fact] !== undefined,
  );
  const ignored = [
    ...(price && !believesPrice ? ['price'] : []),
    ...(believesFacts ? [] : told.map(fact => FACTS[fact])),
  ];
  return {
    model: {
      ref: mayTakeItsName(entity, trust) ? ref : undefined,
      trusted: believesFacts,
      provider,
      modelId,
      type,
      title: entity.metadata.title,
      description: entity.metadata.description,
      ...(believesFacts && facts),
      ...(ignored.length > 0 && {
        ignored: [
          `${ref} states ${ignored.join(
            ', ',
          )} of ${provider}/${modelId}, which is ignored: ${distrustOf(
            entity,
          )}`,
        ],
      }),
    },
    price: price && believesPrice ? toPrice(price, 'catalog') : undefined,
  };
}

/**
 * The route that a valid entity declares. Only in the namespace `default` it answers
 * to its short name, so that nobody can take the calls of another's route.
 */
export function toRoute(entity: ModelEntity): GatewayRoute {
  const { spec, metadata } = entity;
  const defaultNamespace = metadata.namespace ?? DEFAULT_NAMESPACE;
  const ref = stringifyEntityRef(entity);
  // A gateway id stays one, so that people read what was written.
  const refOf = (model: string) =>
    isGatewayId(model) ? model : modelRefOf(model, { defaultNamespace });
  return {
    name: defaultNamespace === DEFAULT_NAMESPACE ? metadata.name : ref,
    ref,
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

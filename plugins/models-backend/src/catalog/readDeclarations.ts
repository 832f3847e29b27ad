import type {
  DeclaredModel,
  GatewayRoute,
  Price,
} from '@agentportal/model-gateway';
import {
  isModelEntity,
  type ModelEntity,
} from '@agentportal/plugin-agents-common';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  ANNOTATION_ORIGIN_LOCATION,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { toPrice } from '../prices/flatPrice';
import { toRoute } from './toRoute';

export { toRoute };

/** What the catalog says about models and routes. */
export interface Declarations {
  models: DeclaredModel[];
  routes: GatewayRoute[];
  /** By gateway id. */
  prices: Map<string, Price>;
}

/**
 * Entities that our own provider wrote repeat what this service told it; only
 * what people wrote may go before what the providers say.
 */
const GENERATED_ORIGIN = 'agentportal:agentportal-models';

/** Reads all Model entities. */
export async function readDeclarations(
  catalog: CatalogService,
  auth: AuthService,
): Promise<Declarations> {
  const found: Declarations = { models: [], routes: [], prices: new Map() };
  const pages = catalog.streamEntities(
    { filter: { kind: 'Model' } },
    { credentials: await auth.getOwnServiceCredentials() },
  );
  for await (const page of pages) {
    for (const entity of page.filter(isModelEntity)) {
      if (entity.spec.type === 'route') {
        found.routes.push(toRoute(entity));
      } else if (!isGenerated(entity)) {
        addModel(found, entity);
      }
    }
  }
  return found;
}

function isGenerated(entity: ModelEntity): boolean {
  return (
    entity.metadata.annotations?.[ANNOTATION_ORIGIN_LOCATION] ===
    GENERATED_ORIGIN
  );
}

function addModel(found: Declarations, entity: ModelEntity): void {
  const { provider, modelId, type, price, ...spec } = entity.spec;
  if (!provider || !modelId || type === 'route') {
    return;
  }
  found.models.push({
    ref: stringifyEntityRef(entity),
    provider,
    modelId,
    type,
    title: entity.metadata.title,
    description: entity.metadata.description,
    contextWindow: spec.contextWindow,
    maxOutputTokens: spec.maxOutputTokens,
    capabilities: spec.capabilities,
  });
  if (price) {
    found.prices.set(`${provider}/${modelId}`, toPrice(price, 'catalog'));
  }
}

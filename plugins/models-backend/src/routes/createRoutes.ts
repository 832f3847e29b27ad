import {
  type ComplexityRater,
  type GatewayModel,
  inputTokens,
  type ModelDirectory,
  type PriceBook,
  type ProviderHealth,
  rehearse,
} from '@agentportal/model-gateway';
import { routeWritePermission } from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  AuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { ConditionalDecisions } from '../access/ConditionalDecisions';
import type { ModelDecisions } from '../access/ModelDecisions';
import { routeResourceRef, routeRules } from '../access/routeRules';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { DeclaredModels } from './DeclaredModels';
import { RoutePreviews } from './preview/RoutePreviews';
import { RouteOwners } from './RouteOwners';
import { RoutesApi } from './RoutesApi';
import { RouteStore } from './RouteStore';

/** Puts together what keeps, tries and serves routes. */
export function createRoutes(options: {
  directory: ModelDirectory;
  priceBook: PriceBook;
  ledger: DatabaseCallLedger;
  models: ModelDecisions;
  health: ProviderHealth;
  complexity: ComplexityRater;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  catalog: CatalogService;
  auth: AuthService;
  auditor: AuditorService;
  logger: LoggerService;
}): { api: RoutesApi; declared: DeclaredModels } {
  const {
    complexity,
    directory,
    health,
    ledger,
    permissionsRegistry,
    priceBook,
    ...rest
  } = options;
  const store = new RouteStore(ledger.db);
  const priceOf = (model: GatewayModel) =>
    priceBook.priceOf({
      id: model.id,
      modelId: model.modelId,
      publisher: directory.provider(model.provider)?.publisher,
    });
  const declared = new DeclaredModels({
    ...rest,
    directory,
    priceBook,
    routes: store,
  });
  const owners = new RouteOwners({ ...rest, store });
  permissionsRegistry.addResourceType({
    resourceRef: routeResourceRef,
    permissions: [routeWritePermission],
    rules: Object.values(routeRules),
    getResources: names =>
      Promise.all(
        names.map(async name => {
          const route = directory.routes().find(each => each.name === name);
          return route && { name, ownerRefs: await owners.ownersOf(route) };
        }),
      ),
  });
  const api = new RoutesApi({
    ...rest,
    owners,
    store,
    declared,
    directory,
    decisions: new ConditionalDecisions({
      permissions: options.permissions,
      permissionsRegistry,
      resourceRef: routeResourceRef,
    }),
    previews: new RoutePreviews({
      ledger,
      priceOf,
      choose: (route, call) =>
        rehearse(
          route,
          {
            features: { ...call, stream: true },
            inputTokens: inputTokens(call.usage),
            tier: complexity.tierOf(call.complexity),
          },
          { directory, health, priceOf, random: Math.random },
        ),
      firstByteMs: model =>
        health.list().find(row => row.modelId === model)?.ttfbP50Ms,
    }),
  });
  return { api, declared };
}

import {
  type ComplexityRater,
  type DataPolicy,
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
import type { ModelPrices } from '../prices/ModelPrices';
import { DeclaredModels } from './DeclaredModels';
import { RoutePreviews } from './preview/RoutePreviews';
import { RouteOwners } from './RouteOwners';
import { RouteRights } from './RouteRights';
import { RoutesApi } from './RoutesApi';
import { RouteStore } from './RouteStore';

/** Everything about routes that belongs to one process. */
export interface Routes {
  api: RoutesApi;
  /** What the gateway is told of them. */
  declared: DeclaredModels;
}

/** Puts together what keeps, tries and serves routes. */
export function createRoutes(options: {
  directory: ModelDirectory;
  priceBook: PriceBook;
  ledger: DatabaseCallLedger;
  prices: ModelPrices;
  /** About models. */
  decisions: ModelDecisions;
  dataPolicy: DataPolicy;
  health: ProviderHealth;
  complexity: ComplexityRater;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  catalog: CatalogService;
  auth: AuthService;
  auditor: AuditorService;
  logger: LoggerService;
}): Routes {
  const {
    complexity,
    dataPolicy,
    directory,
    health,
    ledger,
    permissionsRegistry,
    priceBook,
    prices,
    ...rest
  } = options;
  const store = new RouteStore(ledger.db);
  const priceOf = ({ id }: { id: string }) => prices.of(id);
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
    getResources: async names => {
      const known = directory
        .routes()
        .filter(route => names.includes(route.name));
      const ownersOf = await owners.ofAll(known, await store.byNames(names));
      return names.map(name => {
        const ownerRefs = ownersOf.get(name);
        return ownerRefs && { name, ownerRefs };
      });
    },
  });
  const api = new RoutesApi({
    ...rest,
    owners,
    store,
    declared,
    directory,
    rights: new RouteRights({
      directory,
      models: options.decisions,
      routes: new ConditionalDecisions({
        permissions: options.permissions,
        permissionsRegistry,
        resourceRef: routeResourceRef,
      }),
      permissions: options.permissions,
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
          { dataPolicy, directory, health, priceOf, random: Math.random },
        ),
      firstByteMs: model =>
        health.list().find(row => row.modelId === model)?.ttfbP50Ms,
    }),
  });
  return { api, declared };
}

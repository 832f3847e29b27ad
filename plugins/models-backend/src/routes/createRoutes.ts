import {
  type CatalogTrust,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import {
  type DataPolicy,
  inputTokens,
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
import type { CallRights } from '../access/CallRights';
import {
  type ModelResource,
  routeResourceRef,
  routeRules,
} from '../access/rules';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import type { KnownModels } from '../gateway/createKnownModels';
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
  known: KnownModels;
  ledger: DatabaseCallLedger;
  /** About models. */
  decisions: PermissionDecisions<ModelResource>;
  calls: CallRights;
  dataPolicy: DataPolicy;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  catalog: CatalogService;
  auth: AuthService;
  trust: CatalogTrust;
  auditor: AuditorService;
  logger: LoggerService;
}): Routes {
  const { auditor, auth, calls, catalog, dataPolicy, known } = options;
  const { ledger, logger, permissions, permissionsRegistry, trust } = options;
  const { complexity, directory, health, priceBook, prices } = known;
  const store = new RouteStore(ledger.db);
  const priceOf = ({ id }: { id: string }) => prices.of(id);
  const declared = new DeclaredModels({
    directory,
    priceBook,
    catalog,
    auth,
    trust,
    routes: store,
    logger,
  });
  const owners = new RouteOwners({ store, catalog, auth, trust });
  permissionsRegistry.addResourceType({
    resourceRef: routeResourceRef,
    permissions: [routeWritePermission],
    rules: Object.values(routeRules),
    getResources: async names => {
      const asked = directory
        .routes()
        .filter(route => names.includes(route.name));
      const ownersOf = await owners.ofAll(asked, await store.byNames(names));
      return names.map(name => {
        const ownerRefs = ownersOf.get(name);
        return ownerRefs && { name, ownerRefs };
      });
    },
  });
  const api = new RoutesApi({
    owners,
    store,
    declared,
    directory,
    calls,
    auditor,
    rights: new RouteRights({
      directory,
      models: options.decisions,
      routes: new PermissionDecisions({
        permissions,
        permissionsRegistry,
        resourceRef: routeResourceRef,
      }),
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

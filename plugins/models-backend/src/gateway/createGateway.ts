import type {
  AgentDecisions,
  AgentIdentities,
  CatalogTrust,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import {
  type CacheOptions,
  type CallGuard,
  type CallLedger,
  type DataPolicy,
  type GatewayLimits,
  ModelGateway,
} from '@agentportal/model-gateway';
import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { ModelResource } from '../access/rules';
import { PortalAccessPolicy } from '../access/PortalAccessPolicy';
import {
  PortalAuthenticator,
  type PortalGrant,
} from '../access/PortalAuthenticator';
import { readEntityRef } from '../budgets/readScope';
import { AgentAccounts } from '../catalog/AgentAccounts';
import type { ModelsConfig } from '../config/readModelsConfig';
import type { KeyAuthenticator } from '../keys/KeyAuthenticator';
import type { KnownModels } from './createKnownModels';

/** The gateway with the portal's callers, rights and books. */
export function createGateway(options: {
  known: KnownModels;
  /** What calls are written into and held by. */
  ledger: CallLedger;
  limits: GatewayLimits;
  unpriced: ModelsConfig['unpriced'];
  serviceAccounts: ModelsConfig['serviceAccounts'];
  cache?: CacheOptions;
  guard: CallGuard<PortalGrant>;
  dataPolicy: DataPolicy;
  decisions: PermissionDecisions<ModelResource>;
  keys: KeyAuthenticator;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  trust: CatalogTrust;
  httpAuth: HttpAuthService;
  identities: AgentIdentities;
  agentDecisions: AgentDecisions;
  logger: LoggerService;
}): ModelGateway<PortalGrant> {
  const { auditor, auth, catalog, dataPolicy, decisions } = options;
  const { known, ledger, limits, logger, unpriced } = options;
  const { complexity, directory, health, priceBook } = known;
  const accounts = new AgentAccounts({
    catalog,
    auth,
    trust: options.trust,
  });
  return new ModelGateway({
    directory,
    priceBook,
    ledger,
    clock: { now: () => Date.now() },
    logger,
    limits,
    unpriced,
    authenticator: new PortalAuthenticator({
      httpAuth: options.httpAuth,
      identities: options.identities,
      accounts,
      keys: options.keys,
      ownersOfServices: new Map(
        options.serviceAccounts.map(({ owner, subject }) => [
          subject,
          readEntityRef('models.serviceAccounts.owner', owner, [
            'group',
            'user',
          ]),
        ]),
      ),
    }),
    policy: new PortalAccessPolicy({
      directory,
      decisions,
      agentDecisions: options.agentDecisions,
      auditor,
      dataPolicy,
    }),
    routing: { complexity, health },
    cache: options.cache,
    guard: options.guard,
  });
}

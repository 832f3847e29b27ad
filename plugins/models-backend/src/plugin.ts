import {
  DEFAULT_LIMITS,
  ModelDirectory,
  ModelGateway,
  PriceBook,
} from '@agentportal/model-gateway';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import {
  costReadPermission,
  modelReadPermission,
  modelUsePermission,
} from '@agentportal/plugin-models-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { ModelDecisions } from './access/ModelDecisions';
import { modelResourceRef, modelRules } from './access/modelRules';
import { PortalAccessPolicy } from './access/PortalAccessPolicy';
import { PortalAuthenticator } from './access/PortalAuthenticator';
import { registerActions } from './actions/registerActions';
import { createRouter } from './api/createRouter';
import { ModelsApi } from './api/ModelsApi';
import { ModelSummaries } from './api/ModelSummaries';
import { builtInPrices, createBuiltInProvider } from './builtInModels';
import { AgentAccounts } from './catalog/AgentAccounts';
import { configuredPrices, createProviders } from './config/createProviders';
import { readModelsConfig } from './config/readModelsConfig';
import { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import { scheduleRefreshes } from './scheduleRefreshes';

/**
 * The model service: one door to every model, with a price book and a ledger.
 *
 * @public
 */
export const modelsPlugin = createBackendPlugin({
  pluginId: 'models',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const { auth, catalog, httpAuth, logger, permissions } = deps;
        const config = readModelsConfig(deps.config);
        const clock = { now: () => Date.now() };
        const ledger = await DatabaseCallLedger.create(deps.database);
        const directory = new ModelDirectory({
          providers: [
            { provider: createBuiltInProvider() },
            ...createProviders(config, process.env, clock),
          ],
          clock,
          logger,
          refOf: modelRefOf,
        });
        const priceBook = new PriceBook({
          clock,
          configured: new Map([...builtInPrices, ...configuredPrices(config)]),
        });
        const accounts = new AgentAccounts({ catalog, auth });
        const summaries = new ModelSummaries({ directory, priceBook, ledger });

        deps.permissionsRegistry.addResourceType({
          resourceRef: modelResourceRef,
          permissions: [modelReadPermission, modelUsePermission],
          rules: Object.values(modelRules),
          getResources: async refs =>
            refs.map(ref => {
              const found = directory.resolve(ref);
              return found ? summaries.resource(ref) : undefined;
            }),
        });
        deps.permissionsRegistry.addPermissions([costReadPermission]);
        const decisions = new ModelDecisions({
          permissions,
          permissionsRegistry: deps.permissionsRegistry,
        });

        const limits = {
          ...DEFAULT_LIMITS,
          ...(config.limits.maxRequestBytes && {
            maxRequestBytes: config.limits.maxRequestBytes,
          }),
          ...(config.limits.maxCallSeconds && {
            callTimeoutMs: config.limits.maxCallSeconds * 1000,
          }),
        };
        const gateway = new ModelGateway({
          directory,
          priceBook,
          ledger,
          clock,
          logger,
          limits,
          authenticator: new PortalAuthenticator({ httpAuth, auth, accounts }),
          policy: new PortalAccessPolicy({
            directory,
            decisions,
            accounts,
            auditor: deps.auditor,
          }),
        });
        const api = new ModelsApi({
          directory,
          summaries,
          decisions,
          ledger,
          permissions,
        });

        // The gateway authenticates by itself, to answer in OpenAI's form.
        deps.httpRouter.addAuthPolicy({
          path: '/openai/v1',
          allow: 'unauthenticated',
        });
        deps.httpRouter.use(createRouter({ api, gateway, httpAuth }));
        registerActions(deps.actionsRegistry, api);
        await scheduleRefreshes({
          directory,
          priceBook,
          ledger,
          catalog,
          auth,
          logger,
          scheduler: deps.scheduler,
          longestCallMs: limits.callTimeoutMs,
        });
        deps.lifecycle.addShutdownHook(() => directory.close());
      },
    });
  },
});

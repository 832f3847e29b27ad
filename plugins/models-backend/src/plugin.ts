import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { createModelAccess } from './access/createModelAccess';
import { registerAllActions } from './actions/registerAllActions';
import type { Apis } from './api/apis';
import { CostsApi } from './api/CostsApi';
import { createRouter } from './api/createRouter';
import { ModelsApi } from './api/ModelsApi';
import { ModelSummaries } from './api/ModelSummaries';
import { createLimits } from './budgets/createLimits';
import { createCache } from './cache/createCache';
import { createComplexity } from './complexity/createComplexity';
import { createDataPolicy } from './config/createDataPolicy';
import { readModelsConfig } from './config/readModelsConfig';
import { readFocusAccount } from './focus/readFocusAccount';
import { callLimits } from './gateway/callLimits';
import { createGateway } from './gateway/createGateway';
import { createKnownModels } from './gateway/createKnownModels';
import { serveGateway } from './gateway/serveGateway';
import { createKeys } from './keys/createKeys';
import { KeyStore } from './keys/KeyStore';
import { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import { modelReadinessServiceRef } from './modelReadiness';
import { createPrices } from './prices/createPrices';
import { createRoutes } from './routes/createRoutes';
import { scheduleTasks } from './scheduleTasks';

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
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        readiness: modelReadinessServiceRef,
        rootLifecycle: coreServices.rootLifecycle,
        scheduler: coreServices.scheduler,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const config = readModelsConfig(deps.config);
        const ledger = await DatabaseCallLedger.create(deps.database);
        deps.readiness.setLedger(ledger.db);

        const known = createKnownModels({ ...deps, config });
        const summaries = new ModelSummaries({ ...known, ledger });
        const decisions = createModelAccess({ ...deps, summaries });
        const dataPolicy = createDataPolicy(config, process.env);
        const shared = { ...deps, ...known, ledger, decisions, dataPolicy };
        const keyStore = new KeyStore(ledger.db);

        const limits = callLimits(config.limits);
        const longestCallMs = limits.callTimeoutMs;
        const { budgets, budgetsApi, owners, rateLimits, rateLimitsApi } =
          await createLimits({ ...shared, config, keyStore, longestCallMs });
        const keys = createKeys({
          ...shared,
          keyStore,
          limitStores: { budgets, rateLimits },
          limits: config.keys,
        });

        const cache = createCache({
          ...shared,
          config: config.cache,
          root: deps.config,
          owners,
        });
        const gateway = createGateway({
          ...shared,
          known,
          ledger: budgets.ledger,
          limits,
          unpriced: config.unpriced,
          cache: cache.options,
          keys: keys.authenticator,
        });

        const models = new ModelsApi({
          ...shared,
          summaries,
          keys: keys.rights,
        });
        const routes = createRoutes(shared);
        const apis: Apis = {
          models,
          prices: await createPrices({
            ...shared,
            lists: config.priceLists,
            models,
          }),
          costs: new CostsApi({
            ...shared,
            budgets: budgetsApi,
            keys: keys.rights,
            account: readFocusAccount(deps.config),
          }),
          complexity: await createComplexity(shared),
          budgets: budgetsApi,
          keys: keys.api,
          rateLimits: rateLimitsApi,
          cache: cache.api,
          routes: routes.api,
        };
        serveGateway({ ...deps, gateway, limits: config.limits });
        deps.httpRouter.use(createRouter(apis, deps.httpAuth));
        registerAllActions(deps.actionsRegistry, apis);

        await scheduleTasks({
          ...shared,
          models: config,
          budgets,
          cache,
          routes,
          longestCallMs,
        });
        deps.lifecycle.addShutdownHook(async () => {
          await known.directory.close();
          await budgets.stop();
        });
      },
    });
  },
});

import {
  ComplexityRater,
  DEFAULT_LIMITS,
  ModelDirectory,
  ModelGateway,
  PriceBook,
  ProviderHealth,
} from '@agentportal/model-gateway';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import {
  budgetReadPermission,
  budgetWritePermission,
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
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { BudgetDecisions } from './access/BudgetDecisions';
import { budgetResourceRef, budgetRules } from './access/budgetRules';
import { ModelDecisions } from './access/ModelDecisions';
import { modelResourceRef, modelRules } from './access/modelRules';
import { PortalAccessPolicy } from './access/PortalAccessPolicy';
import { PortalAuthenticator } from './access/PortalAuthenticator';
import { TokenKeys } from './access/TokenKeys';
import { registerActions } from './actions/registerActions';
import { registerBudgetActions } from './actions/registerBudgetActions';
import { registerCostActions } from './actions/registerCostActions';
import { BudgetsApi } from './api/BudgetsApi';
import { CostsApi } from './api/CostsApi';
import { createRouter } from './api/createRouter';
import { ModelsApi } from './api/ModelsApi';
import { ModelSummaries } from './api/ModelSummaries';
import { ORGANISATION_REF } from './budgets/budget';
import { BudgetOwners } from './budgets/BudgetOwners';
import { createBudgets } from './budgets/createBudgets';
import { scheduleBudgets } from './budgets/scheduleBudgets';
import { builtInPrices, createBuiltInProvider } from './builtInModels';
import { createCache } from './cache/createCache';
import { registerCacheActions } from './cache/registerCacheActions';
import { AgentAccounts } from './catalog/AgentAccounts';
import { createComplexity } from './complexity/createComplexity';
import { registerComplexityActions } from './complexity/registerComplexityActions';
import { createDataPolicy } from './config/createDataPolicy';
import { createProviders } from './config/createProviders';
import { createPrices } from './prices/createPrices';
import { configuredPrices } from './prices/priceConfig';
import { registerPriceActions } from './prices/registerPriceActions';
import { readModelsConfig } from './config/readModelsConfig';
import { createKeys } from './keys/createKeys';
import { KeyStore } from './keys/KeyStore';
import { registerKeyActions } from './keys/registerKeyActions';
import { createDoor } from './createDoor';
import { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import { modelReadinessServiceRef } from './modelReadiness';
import { createRateLimits } from './rateLimits/createRateLimits';
import { RateLimitsApi } from './rateLimits/RateLimitsApi';
import { registerRateLimitActions } from './rateLimits/registerRateLimitActions';
import { createRoutes } from './routes/createRoutes';
import { registerRouteActions } from './routes/registerRouteActions';
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
        const { auth, catalog, httpAuth, logger, permissions } = deps;
        const config = readModelsConfig(deps.config);
        const clock = { now: () => Date.now() };
        const ledger = await DatabaseCallLedger.create(deps.database);
        deps.readiness.setLedger(ledger.db);
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
          configured: configuredPrices(config.prices, builtInPrices),
        });
        const accounts = new AgentAccounts({ catalog, auth });
        const health = new ProviderHealth({ clock });
        const complexity = new ComplexityRater();
        const summaries = new ModelSummaries({
          directory,
          priceBook,
          ledger,
          health,
        });

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
          outputCap: config.limits.maxOutputTokens,
        };
        const keyStore = new KeyStore(ledger.db);
        const owners = new BudgetOwners({
          catalog,
          auth,
          modelRefOf: id => directory.model(id)?.ref ?? modelRefOf(id),
          keyOwnerOf: async id =>
            (await keyStore.byIds([id])).get(id)?.ownerRef,
        });
        const rateLimits = await createRateLimits({
          db: ledger.db,
          config: config.rateLimits,
          models: directory,
        });
        const budgets = await createBudgets({
          ledger,
          owners,
          rateLimits: rateLimits.directory,
          logger,
          events: deps.events,
          notifications: deps.notifications,
          auditor: deps.auditor,
          longestCallMs: limits.callTimeoutMs,
          waitMs: config.budgetWaitSeconds * 1000,
        });
        deps.permissionsRegistry.addResourceType({
          resourceRef: budgetResourceRef,
          permissions: [budgetReadPermission, budgetWritePermission],
          rules: Object.values(budgetRules),
          getResources: async refs => {
            const found = new Map(
              (await budgets.store.list()).map(budget => [budget.id, budget]),
            );
            return Promise.all(
              refs.map(async ref => {
                const budget = found.get(ref);
                return (
                  budget && {
                    ...budget,
                    ownerRefs: await owners.ownersOf(budget.scope),
                  }
                );
              }),
            );
          },
        });
        const budgetDecisions = new BudgetDecisions({
          permissions,
          permissionsRegistry: deps.permissionsRegistry,
          owners,
        });
        const budgetsApi = new BudgetsApi({
          db: ledger.db,
          store: budgets.store,
          budgets: budgets.directory,
          owners,
          decisions: budgetDecisions,
          directory,
          auditor: deps.auditor,
        });
        const rateLimitsApi = new RateLimitsApi({
          ...rateLimits,
          db: ledger.db,
          models: directory,
          owners,
          decisions: budgetDecisions,
          auditor: deps.auditor,
        });
        const keys = createKeys({
          store: keyStore,
          ledger,
          directory,
          models: decisions,
          limitStores: { budgets, rateLimits },
          limits: config.keys,
          permissions,
          permissionsRegistry: deps.permissionsRegistry,
          catalog,
          auth,
          auditor: deps.auditor,
        });
        const dataPolicy = createDataPolicy(config, process.env);
        const cache = createCache({
          ...deps,
          db: ledger.db,
          config: config.cache,
          root: deps.config,
          owners,
          dataPolicy,
        });
        const gateway = new ModelGateway({
          directory,
          priceBook,
          ledger: budgets.ledger,
          clock,
          logger,
          limits,
          unpriced: config.unpriced,
          authenticator: new PortalAuthenticator({
            httpAuth,
            auth,
            accounts,
            keys: keys.authenticator,
            tokenKeys: new TokenKeys(deps),
          }),
          policy: new PortalAccessPolicy({
            directory,
            decisions,
            accounts,
            auditor: deps.auditor,
            dataPolicy,
          }),
          routing: { complexity, health },
          cache: cache.options,
        });
        const api = new ModelsApi({
          directory,
          summaries,
          decisions,
          ledger,
          permissions,
        });
        const prices = await createPrices({
          ...deps,
          db: ledger.db,
          lists: config.priceLists,
          directory,
          priceBook,
          models: api,
        });

        const costs = new CostsApi({
          ledger,
          budgets: budgetsApi,
          permissions,
          account: {
            id: ORGANISATION_REF,
            name:
              deps.config.getOptionalString('organization.name') ??
              'Agent Portal',
          },
          priceOf: id => {
            const model = directory.model(id);
            return (
              model &&
              priceBook.priceOf({
                id,
                modelId: model.modelId,
                publisher: directory.provider(model.provider)?.publisher,
              })
            );
          },
        });

        const complexityApi = await createComplexity({
          ...deps,
          rater: complexity,
          ledger,
          directory,
        });

        const routes = createRoutes({
          ...deps,
          directory,
          priceBook,
          ledger,
          health,
          complexity,
          models: decisions,
        });

        // The gateway authenticates by itself, to answer in the caller's format.
        for (const path of ['/openai/v1', '/anthropic/v1']) {
          deps.httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
        }
        deps.httpRouter.use(
          createRouter({
            api,
            prices,
            budgets: budgetsApi,
            costs,
            complexity: complexityApi,
            keys: keys.api,
            rateLimits: rateLimitsApi,
            cache: cache.api,
            routes: routes.api,
            door: createDoor({ ...deps, limits: config.limits }),
            gateway,
            httpAuth,
          }),
        );
        registerActions(deps.actionsRegistry, api);
        registerPriceActions(deps.actionsRegistry, prices);
        registerCostActions(deps.actionsRegistry, costs);
        registerComplexityActions(deps.actionsRegistry, complexityApi);
        registerBudgetActions(deps.actionsRegistry, budgetsApi);
        registerKeyActions(deps.actionsRegistry, keys.api);
        registerRateLimitActions(deps.actionsRegistry, rateLimitsApi);
        registerCacheActions(deps.actionsRegistry, cache.api);
        registerRouteActions(deps.actionsRegistry, routes.api);
        await cache.schedule(deps.scheduler);
        await scheduleRefreshes({
          directory,
          declared: routes.declared,
          ledger,
          logger,
          scheduler: deps.scheduler,
          longestCallMs: limits.callTimeoutMs,
        });
        await scheduleBudgets({
          budgets,
          config: config.budgets,
          directory,
          catalog,
          auth,
          logger,
          scheduler: deps.scheduler,
        });
        deps.lifecycle.addShutdownHook(async () => {
          await directory.close();
          await budgets.stop();
        });
      },
    });
  },
});

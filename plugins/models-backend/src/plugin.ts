import { readGuardConfig } from '@agentportal/guard';
import {
  agentDecisionsServiceRef,
  agentIdentitiesServiceRef,
  auditLogServiceRef,
  CatalogTrust,
  OutageAwareHttpAuth,
  portalActionsServiceRef,
} from '@agentportal/plugin-agents-node';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { createCallRights } from './access/CallRights';
import { createModelAccess } from './access/createModelAccess';
import { registerActions } from './actions/registerActions';
import { CostsApi } from './api/CostsApi';
import { createRouter } from './api/createRouter';
import { operationsOf } from './api/operations';
import { ModelsApi } from './api/ModelsApi';
import { ModelSummaries } from './api/ModelSummaries';
import { ORGANISATION_REF } from './budgets/budget';
import { createLimits } from './budgets/createLimits';
import { CallRetention } from './budgets/CallRetention';
import { createApprovedBudgets } from './budgets/approvedBudgets';
import { scheduleBudgets } from './budgets/scheduleBudgets';
import { createCache } from './cache/createCache';
import { createComplexity } from './complexity/createComplexity';
import { createDataPolicy } from './config/createDataPolicy';
import { readModelsConfig } from './config/readModelsConfig';
import { callLimits } from './gateway/callLimits';
import { createGateway } from './gateway/createGateway';
import { createKnownModels } from './gateway/createKnownModels';
import { serveGateway } from './gateway/serveGateway';
import { ModelGuard } from './guard/ModelGuard';
import { createKeys } from './keys/createKeys';
import { KeyStore } from './keys/KeyStore';
import { auditCalls } from './ledger/auditCalls';
import { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import { modelReadinessServiceRef } from './modelReadiness';
import { createPrices } from './prices/createPrices';
import { createRoutes } from './routes/createRoutes';
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
        actionsRegistry: portalActionsServiceRef,
        auditLog: auditLogServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        agentDecisions: agentDecisionsServiceRef,
        identities: agentIdentitiesServiceRef,
        instance: coreServices.rootInstanceMetadata,
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
      async init({
        actionsRegistry,
        auditLog,
        auditor,
        auth,
        catalog,
        config: rootConfig,
        database,
        discovery,
        events,
        httpAuth: backstageHttpAuth,
        httpRouter,
        agentDecisions,
        identities,
        instance,
        lifecycle,
        logger,
        notifications,
        permissions,
        permissionsRegistry,
        readiness,
        rootLifecycle,
        scheduler,
        userInfo,
      }) {
        const config = readModelsConfig(rootConfig);
        const trust = CatalogTrust.fromConfig(rootConfig);
        const httpAuth = new OutageAwareHttpAuth({
          httpAuth: backstageHttpAuth,
          discovery,
          config: rootConfig,
        });
        const ledger = await DatabaseCallLedger.create(database);
        readiness.setLedger(ledger.db);

        const known = createKnownModels({ config, logger });
        const {
          complexity: rater,
          directory,
          health,
          priceBook,
          prices,
        } = known;
        const summaries = new ModelSummaries({
          directory,
          priceBook,
          ledger,
          health,
        });
        const decisions = createModelAccess({
          summaries,
          permissions,
          permissionsRegistry,
        });
        const calls = createCallRights({
          ledger,
          permissions,
          permissionsRegistry,
        });
        const dataPolicy = createDataPolicy(config, process.env);
        const keyStore = new KeyStore(ledger.db);

        const limits = callLimits(config.limits);
        const longestCallMs = limits.callTimeoutMs;
        const { budgets, budgetsApi, owners, rateLimits, rateLimitsApi } =
          await createLimits({
            config,
            ledger,
            directory,
            keyStore,
            longestCallMs,
            auditor,
            auth,
            catalog,
            events,
            logger,
            notifications,
            permissions,
            permissionsRegistry,
          });
        const keys = createKeys({
          keyStore,
          ledger,
          directory,
          decisions,
          limitStores: { budgets, rateLimits },
          limits: config.keys,
          permissions,
          permissionsRegistry,
          catalog,
          auth,
          auditor,
        });
        const cache = createCache({
          ledger,
          config: config.cache,
          root: rootConfig,
          owners,
          calls,
          catalog,
          dataPolicy,
          permissions,
          permissionsRegistry,
          userInfo,
          auth,
          auditor,
          logger,
        });
        const guard = new ModelGuard({
          config: readGuardConfig(rootConfig),
          audit: auditLog,
          logger,
        });
        const gateway = createGateway({
          known,
          ledger: auditCalls(budgets.ledger, auditLog),
          limits,
          unpriced: config.unpriced,
          serviceAccounts: config.serviceAccounts,
          cache: cache.options,
          guard,
          dataPolicy,
          decisions,
          keys: keys.authenticator,
          auditor,
          auth,
          catalog,
          trust,
          httpAuth,
          agentDecisions,
          identities,
          logger,
        });

        const models = new ModelsApi({
          directory,
          summaries,
          decisions,
          ledger,
          calls,
          keys: keys.rights,
        });
        const routes = createRoutes({
          known,
          ledger,
          decisions,
          calls,
          dataPolicy,
          permissions,
          permissionsRegistry,
          catalog,
          auth,
          trust,
          auditor,
          logger,
        });
        const costs = new CostsApi({
          ledger,
          budgets: budgetsApi,
          calls,
          keys: keys.rights,
          account: {
            id: ORGANISATION_REF,
            name:
              rootConfig.getOptionalString('organization.name') ??
              'Agent Portal',
          },
          prices,
        });
        const operations = operationsOf({
          models,
          costs,
          prices: await createPrices({
            ledger,
            lists: config.priceLists,
            prices,
            priceBook,
            models,
            auditor,
            logger,
            scheduler,
          }),
          complexity: await createComplexity({
            rater,
            ledger,
            directory,
            calls,
            userInfo,
            auditor,
            scheduler,
            logger,
          }),
          budgets: budgetsApi,
          keys: keys.api,
          rateLimits: rateLimitsApi,
          cache: cache.api,
          routes: routes.api,
        });
        serveGateway({
          gateway,
          limits: config.limits,
          config: rootConfig,
          httpRouter,
          logger,
          rootLifecycle,
        });
        httpRouter.use(createRouter({ operations, costs, httpAuth }));
        registerActions(actionsRegistry, operations);

        await cache.schedule(scheduler);
        await scheduleRefreshes({
          known,
          events,
          declared: routes.declared,
          ledger,
          logger,
          scheduler,
          longestCallMs,
        });
        await scheduleBudgets({
          approvedBudgets: createApprovedBudgets({
            auth,
            discovery,
            instance,
            hasAny: async () =>
              (
                await budgets.store.list()
              ).some(({ source }) => source === 'catalog'),
          }),
          trust,
          budgets,
          config: config.budgets,
          directory,
          catalog,
          auth,
          logger,
          scheduler,
        });
        await scheduler.scheduleTask({
          id: 'delete-old-calls',
          scope: 'global',
          frequency: { hours: 1 },
          initialDelay: { minutes: 4 },
          timeout: { minutes: 30 },
          fn: signal =>
            new CallRetention(ledger.db).clean(config.retention, signal),
        });
        lifecycle.addShutdownHook(async () => {
          await directory.close();
          await guard.close();
          await budgets.stop();
        });
      },
    });
  },
});

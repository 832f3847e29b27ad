import {
  DEFAULT_LIMITS,
  ModelDirectory,
  ModelGateway,
  PriceBook,
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
import { BudgetDecisions } from './access/BudgetDecisions';
import { budgetResourceRef, budgetRules } from './access/budgetRules';
import { ModelDecisions } from './access/ModelDecisions';
import { modelResourceRef, modelRules } from './access/modelRules';
import { PortalAccessPolicy } from './access/PortalAccessPolicy';
import { PortalAuthenticator } from './access/PortalAuthenticator';
import { registerActions } from './actions/registerActions';
import { registerBudgetActions } from './actions/registerBudgetActions';
import { BudgetsApi } from './api/BudgetsApi';
import { createRouter } from './api/createRouter';
import { ModelsApi } from './api/ModelsApi';
import { ModelSummaries } from './api/ModelSummaries';
import { BudgetOwners } from './budgets/BudgetOwners';
import { createBudgets } from './budgets/createBudgets';
import { scheduleBudgets } from './budgets/scheduleBudgets';
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
        events: eventsServiceRef,
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
          outputCap: config.limits.maxOutputTokens,
        };
        const owners = new BudgetOwners({
          catalog,
          auth,
          modelRefOf: id => directory.model(id)?.ref ?? modelRefOf(id),
        });
        const budgets = await createBudgets({
          ledger,
          owners,
          logger,
          events: deps.events,
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
        const budgetsApi = new BudgetsApi({
          db: ledger.db,
          store: budgets.store,
          budgets: budgets.directory,
          owners,
          decisions: new BudgetDecisions({
            permissions,
            permissionsRegistry: deps.permissionsRegistry,
            owners,
          }),
          directory,
          auditor: deps.auditor,
        });
        const gateway = new ModelGateway({
          directory,
          priceBook,
          ledger: budgets.ledger,
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

        // The gateway authenticates by itself, to answer in the caller's format.
        for (const path of ['/openai/v1', '/anthropic/v1']) {
          deps.httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
        }
        deps.httpRouter.use(
          createRouter({ api, budgets: budgetsApi, gateway, httpAuth }),
        );
        registerActions(deps.actionsRegistry, api);
        registerBudgetActions(deps.actionsRegistry, budgetsApi);
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

import { OutageAwareHttpAuth } from '@agentportal/plugin-agents-node';
import { scorecardReadPermission } from '@agentportal/plugin-evals-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { readEvalsConfig } from './config';
import { dataSetHandlers } from './dataSets/handlers';
import { evaluationHandlers } from './evaluations/handlers';
import { experimentHandlers } from './experiments/handlers';
import { startFeedback } from './feedback/startFeedback';
import { EvalsAccess } from './permissions/EvalsAccess';
import { scorecardHandlers } from './scorecards/handlers';
import { createRouter } from './service/createRouter';
import { notBuilt } from './service/notBuilt';
import { openDatabase } from './store/database';

/**
 * Judges agents: data sets, evaluations, gates, experiments, feedback and scorecards.
 *
 * @public
 */
export const evalsPlugin = createBackendPlugin({
  pluginId: 'evals',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const config = readEvalsConfig(deps.config);
        const knex = await openDatabase(deps.database);
        const access = new EvalsAccess(deps);
        // The other two are about agents, so the agents plugin has them.
        deps.permissionsRegistry.addPermissions([scorecardReadPermission]);
        const feedback = await startFeedback({
          ...deps,
          ...{ access, config, knex },
          cases: notBuilt('agentOf', 'addCase'),
          erasers: [],
          tiersOf: async () => new Map(),
        });
        deps.httpRouter.use(
          createRouter({
            httpAuth: new OutageAwareHttpAuth(deps),
            handlers: {
              ...dataSetHandlers(),
              ...evaluationHandlers(),
              ...feedback.handlers,
              ...scorecardHandlers(),
              ...experimentHandlers(),
            },
          }),
        );
      },
    });
  },
});

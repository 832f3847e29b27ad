import {
  auditLogServiceRef,
  OutageAwareHttpAuth,
  portalActionsServiceRef,
} from '@agentportal/plugin-agents-node';
import { scorecardReadPermission } from '@agentportal/plugin-evals-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { startAlarms } from './alarms/startAlarms';
import { startAutonomy } from './autonomy/startAutonomy';
import { readEvalsConfig } from './config';
import { startEvaluations } from './evaluations/startEvaluations';
import { startExperiments } from './experiments/startExperiments';
import { startFeedback } from './feedback/startFeedback';
import { EvalsAccess } from './permissions/EvalsAccess';
import { startProposals } from './proposals/startProposals';
import { startRouting } from './routing/startRouting';
import { readScorecard } from './scorecards/scorecardFile';
import { ScorecardStore } from './scorecards/ScorecardStore';
import { startScorecards } from './scorecards/startScorecards';
import { createRouter } from './service/createRouter';
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
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
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
        const scorecardStore = new ScorecardStore(knex);
        const evaluations = await startEvaluations({
          ...deps,
          ...{ access, config, knex },
          rootConfig: deps.config,
        });
        const experiments = await startExperiments({
          ...deps,
          ...{ access, config, knex },
          gates: evaluations.gates,
        });
        const alarms = await startAlarms({
          ...deps,
          ...{ access, config, knex },
          rootConfig: deps.config,
        });
        const autonomy = await startAutonomy({
          ...deps,
          ...{ access, config, knex },
        });
        const proposals = await startProposals({
          ...deps,
          ...{ access, config, knex },
          dataSets: evaluations.dataSets,
          evaluations: evaluations.evaluating,
          said: evaluations.said,
          workers: evaluations.workers,
        });
        await startRouting({ ...deps, knex });
        const feedback = await startFeedback({
          ...deps,
          ...{ access, config, knex },
          cases: evaluations.dataSets,
          erasers: [
            person => scorecardStore.erase(person),
            evaluations.erase,
            experiments.erase,
            alarms.erase,
            proposals.erase,
          ],
          tiersOf: refs => scorecardStore.tiersOf(refs),
        });
        const scorecards = await startScorecards({
          ...deps,
          ...{ access, knex },
          checks: readScorecard(deps.config),
          feedback: feedback.store,
          reviews: feedback.reviews,
          store: scorecardStore,
        });
        deps.httpRouter.use(
          createRouter({
            httpAuth: new OutageAwareHttpAuth(deps),
            handlers: {
              ...evaluations.handlers,
              ...feedback.handlers,
              ...scorecards.handlers,
              ...experiments.handlers,
              ...alarms.handlers,
              ...autonomy.handlers,
              ...proposals.handlers,
            },
          }),
        );
      },
    });
  },
});

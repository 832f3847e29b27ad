import {
  agentIdentitiesServiceRef,
  AgentOwners,
  AgentsWithin,
  OutageAwareHttpAuth,
  portalActionsServiceRef,
} from '@agentportal/plugin-agents-node';
import {
  spanWritePermission,
  traceFlagPermission,
  traceReadPermission,
} from '@agentportal/plugin-traces-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { registerActions } from './actions/registerActions';
import { readTracesConfig } from './config';
import { Forwarder } from './ingest/Forwarder';
import { Ingest } from './ingest/Ingest';
import { Prices } from './ingest/Prices';
import { Senders } from './ingest/Senders';
import { traceResourceRef, traceRules } from './permissions/rules';
import { TraceAccess } from './permissions/TraceAccess';
import { RollupReader } from './query/RollupReader';
import { SeriesReader } from './query/SeriesReader';
import { SessionReader } from './query/SessionReader';
import { SpanReader } from './query/SpanReader';
import { TailReader } from './query/TailReader';
import { TraceReader } from './query/TraceReader';
import { createOtlpRouter } from './service/createOtlpRouter';
import { createRouter } from './service/createRouter';
import { TracesService } from './service/TracesService';
import { openDatabase } from './store/database';
import { TraceErasure } from './store/TraceErasure';
import { TraceFlags } from './store/TraceFlags';
import { TraceNames } from './store/TraceNames';
import { TraceRetention } from './store/TraceRetention';
import { TraceWriter } from './store/TraceWriter';

/**
 * Traces of agents: takes spans over OpenTelemetry, keeps them for a while, and answers
 * questions about them.
 *
 * @public
 */
export const tracesPlugin = createBackendPlugin({
  pluginId: 'traces',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: portalActionsServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        identities: agentIdentitiesServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const { httpRouter, lifecycle, permissionsRegistry, scheduler } = deps;
        const config = readTracesConfig(deps.config);
        const httpAuth = new OutageAwareHttpAuth(deps);
        const knex = await openDatabase(deps.database);
        const names = new TraceNames(knex);
        const traces = new TraceReader({ knex, names });

        permissionsRegistry.addPermissions([spanWritePermission]);
        permissionsRegistry.addResourceType({
          resourceRef: traceResourceRef,
          permissions: [traceReadPermission, traceFlagPermission],
          rules: Object.values(traceRules),
          getResources: async ids =>
            (await traces.find(ids.map(id => id.toLowerCase()))).map(
              found => found?.trace,
            ),
        });
        const rollups = new RollupReader({ knex, names });
        const service = new TracesService({
          access: new TraceAccess(deps),
          traces,
          sessions: new SessionReader({ knex, names }),
          spans: new SpanReader({ knex, names }),
          series: new SeriesReader({ rollups, names }),
          tail: new TailReader({ rollups, names }),
          within: new AgentsWithin(deps),
          flags: new TraceFlags({ knex }),
          erasure: new TraceErasure({ knex }),
          auditor: deps.auditor,
        });
        const ingest = new Ingest({
          config,
          writer: new TraceWriter({ knex, names, ...config }),
          owners: new AgentOwners(deps),
          prices: new Prices(deps),
          forwarder: new Forwarder({ config, logger: deps.logger }),
        });
        // Before the validated router, which reads bodies that are not its own.
        httpRouter.use(
          createOtlpRouter({ ingest, senders: new Senders(deps), httpAuth }),
        );
        httpRouter.use(createRouter({ service, httpAuth }));
        registerActions({ actionsRegistry: deps.actionsRegistry, service });

        const retention = new TraceRetention({ knex, names, config });
        await scheduler.scheduleTask({
          id: 'delete-old-traces',
          frequency: { minutes: 30 },
          initialDelay: { minutes: 5 },
          timeout: { minutes: 25 },
          scope: 'global',
          fn: signal => retention.clean(signal),
        });
        lifecycle.addShutdownHook(() => ingest.close());
      },
    });
  },
});

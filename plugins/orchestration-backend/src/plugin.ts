import { orchestrationPermissions } from '@agentportal/plugin-orchestration-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  actionsRegistryServiceRef,
  tracingServiceRef,
} from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { randomUUID } from 'node:crypto';
import { registerActions } from './actions/registerActions';
import { AgentDirectory } from './agents/AgentDirectory';
import { readOrchestrationConfig } from './config';
import { RunEventHub } from './events/RunEventHub';
import { streamRunEvents } from './events/streamEvents';
import { AuthorizedRuns, mayRun } from './permissions/AuthorizedRuns';
import {
  runPermissionResourceRef,
  runPermissionRules,
} from './permissions/rules';
import { createRouter } from './router/createRouter';
import { auditRuns } from './runs/AuditedRuns';
import { DefaultRuns } from './runs/DefaultRuns';
import { JournalStore } from './store/JournalStore';
import { LeaseStore } from './store/LeaseStore';
import { openDatabase } from './store/migrate';
import { RunStore } from './store/RunStore';
import { StatsStore } from './store/StatsStore';
import { ThreadStore } from './store/ThreadStore';
import { LeaseKeeper } from './workers/LeaseKeeper';
import { WorkerPool } from './workers/WorkerPool';

/**
 * Runs agents: takes a request, works on it with LangChain through the model
 * and tool gateways, and keeps what happened.
 *
 * @public
 */
export const orchestrationPlugin = createBackendPlugin({
  pluginId: 'orchestration',
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
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        rootLifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        tracing: tracingServiceRef,
      },
      async init({
        actionsRegistry,
        auditor,
        auth,
        catalog,
        config: rootConfig,
        database,
        discovery,
        httpAuth,
        httpRouter,
        lifecycle,
        rootLifecycle,
        logger,
        permissions,
        permissionsRegistry,
        tracing,
      }) {
        const config = readOrchestrationConfig(rootConfig);
        const knex = await openDatabase(database);
        const store = RunStore.create({ knex });
        const leases = LeaseStore.create({ knex });
        const journal = JournalStore.create({ knex });
        const hub = RunEventHub.create();
        const agents = AgentDirectory.create({ catalog });
        const instanceId = randomUUID();
        const leaseMs = config.leaseSeconds * 1_000;

        permissionsRegistry.addResourceType({
          resourceRef: runPermissionResourceRef,
          permissions: orchestrationPermissions.filter(
            p => p.resourceType === runPermissionResourceRef.resourceType,
          ),
          rules: Object.values(runPermissionRules),
          getResources: async ids => {
            const found = await store.getMany(ids);
            return ids.map(id => found.find(run => run.summary.id === id));
          },
        });

        const pool = WorkerPool.create({
          instanceId,
          deps: {
            agents,
            auth,
            config,
            discovery,
            hub,
            journalStore: journal,
            leases,
            logger,
            runs: store,
            tracing,
            mayRun: (agent, credentials) =>
              mayRun(permissions, agent.ref, credentials),
          },
        });
        const runs = auditRuns(
          AuthorizedRuns.create({
            inner: DefaultRuns.create({
              agents,
              runs: store,
              leases,
              journal,
              threads: ThreadStore.create({ knex }),
              stats: StatsStore.create({ knex }),
              pool,
              instanceId,
              leaseMs,
            }),
            store,
            permissions,
            permissionsRegistry,
          }),
          auditor,
        );

        const shutdown = new AbortController();
        httpRouter.use(
          createRouter({
            runs,
            httpAuth,
            streamEvents: (runId, req, res) =>
              streamRunEvents({
                runId,
                req,
                res,
                runs: store,
                journal,
                hub,
                signal: shutdown.signal,
              }),
          }),
        );
        registerActions({ actionsRegistry, runs, hub });

        const keeper = LeaseKeeper.create({
          leases,
          hub,
          logger,
          instanceId,
          leaseMs,
          singleProcess: String(knex.client.config.client).includes('sqlite'),
          cancel: id => pool.cancel(id),
        });
        await keeper.start();
        // While models and tools can still be called: when the plugins end, their
        // routes end with them.
        rootLifecycle.addBeforeShutdownHook(() =>
          pool.stop(config.shutdownGraceSeconds * 1_000),
        );
        lifecycle.addShutdownHook(() => {
          keeper.stop();
          shutdown.abort();
        });
      },
    });
  },
});

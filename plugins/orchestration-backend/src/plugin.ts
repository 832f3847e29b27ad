import { readGuardConfig } from '@agentportal/guard';
import { TOPIC_APPROVALS } from '@agentportal/plugin-agents-common';
import {
  agentIdentitiesServiceRef,
  auditLogServiceRef,
  createPluginAsker,
  isSqlite,
  OutageAwareHttpAuth,
  OwnerNotices,
  portalActionsServiceRef,
  ToldSecrets,
} from '@agentportal/plugin-agents-node';
import { EvalsClient } from '@agentportal/plugin-evals-common';
import { orchestrationPermissions } from '@agentportal/plugin-orchestration-common';
import { agentRuntimesExtensionPoint } from '@agentportal/plugin-orchestration-node';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { SpanExporter } from '@agentportal/plugin-traces-node';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { tracingServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { randomUUID } from 'node:crypto';
import { A2aRuntime } from './a2a/peers/A2aRuntime';
import { PeerStore } from './a2a/peers/PeerStore';
import { startA2aServer } from './a2a/startA2aServer';
import { registerActions } from './actions/registerActions';
import { registerTriggerActions } from './actions/registerTriggerActions';
import { runOnLangGraph } from './execution/executeAgent';
import { remembered } from './execution/remembered';
import { RunApprovals } from './execution/RunApprovals';
import { RunDelegations } from './execution/RunDelegations';
import { AgentRuntimes } from './execution/runtimes';
import { AgentDirectory } from './agents/AgentDirectory';
import { CheckpointRetention } from './checkpoints/CheckpointRetention';
import { KnexCheckpointer } from './checkpoints/KnexCheckpointer';
import { readOrchestrationConfig } from './config';
import { RunEventFeeds } from './events/RunEventFeeds';
import { streamRunEvents } from './events/streamEvents';
import { traceRuns } from './events/traceRuns';
import { RunningExperiments } from './experiments/RunningExperiments';
import { AuthorizedRuns, mayRun } from './permissions/AuthorizedRuns';
import {
  runPermissionResourceRef,
  runPermissionRules,
} from './permissions/rules';
import { createRouter } from './router/createRouter';
import { auditEnds, auditRuns } from './runs/AuditedRuns';
import { DefaultRuns } from './runs/DefaultRuns';
import { InterruptStore } from './store/InterruptStore';
import { JournalStore } from './store/JournalStore';
import { type EndedRun, LeaseStore, type RunEnd } from './store/LeaseStore';
import { openDatabase } from './store/migrate';
import { RetentionStore } from './store/RetentionStore';
import { RunStore } from './store/RunStore';
import { StatsStore } from './store/StatsStore';
import { ThreadStore } from './store/ThreadStore';
import { startTriggers } from './triggers/startTriggers';
import { InterruptKeeper } from './workers/InterruptKeeper';
import { LeaseKeeper } from './workers/LeaseKeeper';
import { WorkerPool } from './workers/WorkerPool';

/** Of a run that is under way; one that has ended needs none. */
const KEPT_CHECKPOINTS = 50;

/** A run does not wait longer to hear whether it takes part in an experiment. */
const EXPERIMENTS_WITHIN_MS = 1_000;

/** Whoever repeats a run of somebody else waits so long for what was found in it. */
const FINDINGS_WITHIN_MS = 5_000;

/** Within this time the agents plugin has started, or hears of it no more. */
const TELL_AGENTS_FOR_MS = 60_000;

/**
 * Runs agents: takes a request, works on it with LangChain through the model
 * and tool gateways, and keeps what happened.
 *
 * @public
 */
export const orchestrationPlugin = createBackendPlugin({
  pluginId: 'orchestration',
  register(env) {
    const runtimes = new AgentRuntimes(runOnLangGraph);
    env.registerExtensionPoint(agentRuntimesExtensionPoint, {
      addRuntime: runtime => runtimes.add(runtime),
    });
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
        identities: agentIdentitiesServiceRef,
        lifecycle: coreServices.lifecycle,
        rootLifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        tracing: tracingServiceRef,
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
        httpAuth,
        httpRouter,
        identities,
        lifecycle,
        rootLifecycle,
        logger,
        notifications,
        permissions,
        permissionsRegistry,
        scheduler,
        tracing,
      }) {
        const config = readOrchestrationConfig(rootConfig);
        const knex = await openDatabase(database);
        const store = new RunStore(knex);
        const shutdown = new AbortController();
        const approvals = new RunApprovals({ auth, discovery, logger });
        const auditEnd = auditEnds(auditLog, logger);
        const journal = new JournalStore(knex);
        const exporter = new SpanExporter({
          ...{ auth, discovery, logger },
          scope: '@agentportal/plugin-orchestration-backend',
        });
        const traceEnd = traceRuns({ exporter, runs: store, journal, logger });
        const onEnd = (run: EndedRun, end: RunEnd) => {
          auditEnd(run, end);
          traceEnd(run);
          // Nobody is to decide any more what nobody waits for.
          void approvals.withdraw(run.openApprovals, 'The run has ended.', {
            forMs: TELL_AGENTS_FOR_MS,
            signal: shutdown.signal,
          });
        };
        const leases = new LeaseStore(knex, onEnd, config.parallel);
        const interrupts = new InterruptStore(knex);
        const feeds = new RunEventFeeds({ runs: store, journal });
        runtimes.add(
          new A2aRuntime({
            store: new PeerStore(knex),
            notices: new OwnerNotices({ notifications, logger }),
            config: config.a2a,
            auditLog,
            logger,
          }),
        );
        const agents = new AgentDirectory(catalog, runtimes, identities);
        const instanceId = randomUUID();

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

        const delegations = new RunDelegations({
          auth,
          discovery,
          identities,
          logger,
        });
        const pool = new WorkerPool({
          instanceId,
          deps: {
            agents,
            approvals,
            auth,
            checkpointer: KnexCheckpointer.create({
              knex,
              keys: config.checkpoints.keys,
            }),
            config,
            delegations,
            discovery,
            feeds,
            interrupts,
            journalStore: journal,
            leases,
            logger,
            remembered: (...of) => remembered({ runs: store, journal }, ...of),
            runs: store,
            runtimes,
            tracing,
            runnable: async (candidates, credentials) => {
              const refs = candidates.map(({ ref }) => ref);
              const allowed = await mayRun(permissions, refs, credentials);
              return candidates.filter((_, i) => allowed[i]);
            },
          },
        });
        const tools = new ToolsClient({
          discoveryApi: discovery,
          fetchApi: { fetch },
        });
        const askTools = createPluginAsker({
          auth,
          pluginId: 'tools',
          timeoutMs: FINDINGS_WITHIN_MS,
          away: 'What the guard found in that run cannot be read at the moment. Repeat it in a minute.',
        });
        const toldSecrets = new ToldSecrets(readGuardConfig(rootConfig));
        const allRuns = new DefaultRuns({
          agents,
          config,
          delegations,
          experiments: new RunningExperiments({
            evals: new EvalsClient({
              discoveryApi: discovery,
              fetchApi: { fetch },
            }),
            askEvals: createPluginAsker({
              auth,
              pluginId: 'evals',
              timeoutMs: EXPERIMENTS_WITHIN_MS,
              away: 'Experiments cannot be read at the moment.',
            }),
            logger,
          }),
          feeds,
          inheritFindings: of =>
            askTools(by => tools.inheritGuardFindings(of, by)),
          instanceId,
          journal,
          leases,
          pool,
          runs: store,
          toldSecrets,
          stats: new StatsStore(knex),
          threads: new ThreadStore(knex),
        });
        const runs = auditRuns(
          new AuthorizedRuns({
            inner: allRuns,
            store,
            identities,
            permissions,
            permissionsRegistry,
          }),
          auditor,
        );

        const outageAwareHttpAuth = new OutageAwareHttpAuth({
          httpAuth,
          discovery,
          config: rootConfig,
        });
        await startA2aServer({
          agents,
          auth,
          config,
          delegations,
          discovery,
          feeds,
          httpAuth: outageAwareHttpAuth,
          httpRouter,
          knex,
          lifecycle,
          logger,
          rootConfig,
          runs,
          store,
          stopping: shutdown.signal,
        });
        const triggers = await startTriggers({
          auditor,
          auth,
          catalog,
          config,
          discovery,
          events,
          httpRouter,
          identities,
          knex,
          logger,
          notifications,
          permissions,
          runs: allRuns,
          scheduler,
        });
        httpRouter.use(
          createRouter({
            agents,
            runs,
            triggers,
            httpAuth: outageAwareHttpAuth,
            streamEvents: (runId, request, response) =>
              streamRunEvents({
                runId,
                request,
                response,
                feeds,
                signal: shutdown.signal,
              }),
          }),
        );
        registerActions({ actionsRegistry, agents, runs, feeds });
        registerTriggerActions({ actionsRegistry, triggers });
        await scheduler.scheduleTask({
          id: 'delete-old-runs',
          frequency: { hours: 6 },
          initialDelay: { minutes: 5 },
          timeout: { minutes: 30 },
          scope: 'global',
          fn: async signal => {
            await new RetentionStore(knex).clean(config.retention, signal);
            await new CheckpointRetention(knex).clean(
              {
                maxAgeMs: config.retention.steps,
                keepPerNamespace: KEPT_CHECKPOINTS,
              },
              signal,
            );
          },
        });

        const keeper = new LeaseKeeper({
          leases,
          feeds,
          logger,
          instanceId,
          leaseSeconds: config.leaseSeconds,
          singleProcess: isSqlite(knex),
          pool,
          endDelegation: id =>
            delegations.end(id, 'The run has ended.', {
              forMs: TELL_AGENTS_FOR_MS,
              signal: shutdown.signal,
            }),
        });
        const interruptKeeper = new InterruptKeeper({
          approvals,
          delegations,
          feeds,
          interrupts,
          leases,
          logger,
        });
        await events.subscribe({
          // What one process does about it, all see in the database.
          id: 'orchestration',
          topics: [TOPIC_APPROVALS],
          onEvent: async () => interruptKeeper.look(),
        });
        // Once the plugins are there that runs need to go on.
        rootLifecycle.addStartupHook(async () => {
          interruptKeeper.start();
          await keeper.start();
        });
        // While models and tools can still be called: when the plugins end, their
        // routes end with them.
        rootLifecycle.addBeforeShutdownHook(async () => {
          await pool.stop(config.shutdownGraceSeconds * 1_000);
          await exporter.close();
          await toldSecrets.close();
        });
        lifecycle.addShutdownHook(() => {
          keeper.stop();
          interruptKeeper.stop();
          shutdown.abort();
        });
      },
    });
  },
});

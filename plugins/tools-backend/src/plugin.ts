import { readGuardConfig } from '@agentportal/guard';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import {
  TOPIC_CATALOG_CHANGED,
  TOPIC_TOOLS_CHANGED,
  type CatalogChangedPayload,
} from '@agentportal/plugin-agents-common';
import {
  ActingUserInfo,
  agentDecisionsServiceRef,
  agentIdentitiesServiceRef,
  auditLogServiceRef,
  CatalogTrust,
  Clearances,
  OutageAwareHttpAuth,
  OwnerNotices,
  portalActionsServiceRef,
} from '@agentportal/plugin-agents-node';
import {
  serverRefreshPermission,
  toolCallPermission,
  toolChangeDecidePermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import { registerActions } from './actions/registerActions';
import { tellOwners } from './changes/tellOwners';
import { ToolChanges } from './changes/ToolChanges';
import { ToolChangeStore } from './changes/ToolChangeStore';
import { readToolsConfig } from './config/readToolsConfig';
import { CallApprovals } from './gateway/CallApprovals';
import { createReadCaller } from './gateway/Caller';
import { ToolDecisions } from './gateway/ToolDecisions';
import { ToolGateway } from './gateway/ToolGateway';
import { GuardFindings } from './guard/GuardFindings';
import { ResultGuard } from './guard/ResultGuard';
import { ArgumentRecords } from './ledger/ArgumentRecords';
import { CallHistoryStore } from './ledger/CallHistoryStore';
import { CallLedger } from './ledger/CallLedger';
import { toolResourceRef, toolRules } from './permissions/rules';
import { ServerCatalog } from './registry/ServerCatalog';
import { ToolRegistry } from './registry/ToolRegistry';
import { ToolStore } from './registry/ToolStore';
import { createMcpRouter } from './service/createMcpRouter';
import { createRouter } from './service/createRouter';
import { ToolsService } from './service/ToolsService';
import { startSchedules } from './service/startSchedules';
import { ToolSchemas } from './schemas/ToolSchemas';
import { UpstreamConnections } from './upstream/UpstreamConnections';
import { UpstreamTargets } from './upstream/UpstreamTargets';

/**
 * The tools backend: a registry of the tools of every MCP server in the
 * catalog, and a gateway through which people and agents call them.
 *
 * @public
 */
export const toolsPlugin = createBackendPlugin({
  pluginId: 'tools',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: portalActionsServiceRef,
        agentDecisions: agentDecisionsServiceRef,
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
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auth, catalog, discovery, logger, permissionsRegistry } = deps;
        const config = readToolsConfig(deps.config);
        const httpAuth = new OutageAwareHttpAuth(deps);
        const store = await ToolStore.create(deps.database);
        const ledger = await CallLedger.create(deps.database, logger);
        const history = await CallHistoryStore.create(deps.database);
        const argumentRecords = await ArgumentRecords.create(deps.database);

        const guardFindings = await GuardFindings.create(deps.database);
        const guard = new ResultGuard({
          config: readGuardConfig(deps.config),
          findings: guardFindings,
          logger,
        });
        const changes = await ToolChangeStore.create(deps.database);
        const schemas = new ToolSchemas();
        const connections = new UpstreamConnections({
          targets: new UpstreamTargets({ auth, discovery, config }),
          logger,
          connectTimeoutMs: config.connectTimeoutMs,
          maxResponseBytes: config.responseBytes,
          maxTools: config.toolsPerServer,
        });
        const judge = {
          trust: CatalogTrust.fromConfig(deps.config),
          settingsOf: config.settingsOf,
        };
        const registry = new ToolRegistry({
          store,
          catalog: new ServerCatalog({ catalog, auth, discovery, judge }),
          connections,
          schemas,
          judge,
          changes: new ToolChanges({
            store: changes,
            guard,
            holdFrom: config.holdChangesFrom,
            onHeld: tellOwners({ ...deps, notices: new OwnerNotices(deps) }),
            logger,
          }),
          logger,
          limits: config,
          onChange: () => {
            deps.events
              .publish({ topic: TOPIC_TOOLS_CHANGED, eventPayload: {} })
              .catch(error =>
                logger.warn('Nobody was told that tools have changed', error),
              );
          },
        });
        permissionsRegistry.addPermissions([serverRefreshPermission]);
        permissionsRegistry.addResourceType({
          resourceRef: toolResourceRef,
          permissions: [
            toolReadPermission,
            toolCallPermission,
            toolChangeDecidePermission,
          ],
          rules: Object.values(toolRules),
          getResources: async names => {
            const { byName } = await registry.snapshot();
            return names.map(name => byName.get(name.toLowerCase()));
          },
        });
        const decisions = new ToolDecisions({
          permissions: deps.permissions,
          permissionsRegistry,
          userInfo: new ActingUserInfo(deps),
          agentDecisions: deps.agentDecisions,
          history,
          clearances: Clearances.fromConfig(deps.config),
          agentActions: config.agentActions,
        });
        const gateway = new ToolGateway({
          registry,
          decisions,
          approvals: new CallApprovals({ auth, discovery }),
          guard,
          connections,
          schemas,
          ledger,
          history,
          ...(config.argumentRetentionMs > 0 && { argumentRecords }),
          auditLog: deps.auditLog,
          auditor: deps.auditor,
          logger,
          limits: config,
        });
        const service = new ToolsService({
          registry,
          decisions,
          findings: guardFindings,
          ledger,
          permissions: deps.permissions,
          changes,
          auditLog: deps.auditLog,
          auditor: deps.auditor,
        });

        const readCaller = createReadCaller(deps.identities);
        registerActions({
          readCaller,
          actionsRegistry: deps.actionsRegistry,
          service,
          gateway,
        });
        // Before the validated router, which reads bodies that are not its own.
        deps.httpRouter.use(
          createMcpRouter({
            gateway,
            httpAuth,
            readCaller,
            logger,
            appUrl: deps.config.getOptionalString('app.baseUrl'),
          }),
        );
        deps.httpRouter.use(
          createRouter({
            service,
            gateway,
            httpAuth,
            readCaller,
          }),
        );
        await deps.events.subscribe({
          // One process visits servers for all; the others learn of it by the database.
          id: 'tools',
          topics: [TOPIC_CATALOG_CHANGED],
          onEvent: async ({ eventPayload }) => {
            const { entityRefs } = eventPayload as CatalogChangedPayload;
            await registry.catalogChanged(entityRefs);
          },
        });
        await startSchedules({
          scheduler: deps.scheduler,
          lifecycle: deps.lifecycle,
          logger,
          config,
          registry,
          connections,
          schemas,
          ledger,
          argumentRecords,
          guard,
          guardFindings,
          changes,
        });
      },
    });
  },
});

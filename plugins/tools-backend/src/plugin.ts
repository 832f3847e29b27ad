import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import {
  serverRefreshPermission,
  toolCallPermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import { registerActions } from './actions/registerActions';
import { readToolsConfig } from './config/readToolsConfig';
import { ToolDecisions } from './gateway/ToolDecisions';
import { ToolGateway } from './gateway/ToolGateway';
import { CallLedger } from './ledger/CallLedger';
import { toolResourceRef, toolRules } from './permissions/rules';
import { ServerCatalog } from './registry/ServerCatalog';
import { ToolRegistry } from './registry/ToolRegistry';
import { ToolStore } from './registry/ToolStore';
import { createMcpRouter } from './service/createMcpRouter';
import { createRouter } from './service/createRouter';
import { ToolsService } from './service/ToolsService';
import { startSchedules } from './service/startSchedules';
import { UpstreamAuth } from './upstream/UpstreamAuth';
import { UpstreamConnections } from './upstream/UpstreamConnections';
import { UrlPolicy } from './upstream/UrlPolicy';

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
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const { auth, catalog, discovery, logger, permissionsRegistry } = deps;
        const config = readToolsConfig(deps.config);
        const store = await ToolStore.create(deps.database);
        const ledger = await CallLedger.create(deps.database);

        const upstreamAuth = new UpstreamAuth({
          auth,
          discovery,
          headers: config.headers,
        });
        const connections = new UpstreamConnections({
          auth: upstreamAuth,
          urlPolicy: new UrlPolicy({
            allowedHosts: config.allowedHosts,
            ownBaseUrls: () =>
              Promise.all([
                discovery.getBaseUrl('tools'),
                discovery.getExternalBaseUrl('tools'),
              ]),
          }),
          logger,
          connectTimeoutMs: config.connectTimeoutMs,
          maxResponseBytes: config.responseBytes,
        });
        const registry = new ToolRegistry({
          store,
          catalog: new ServerCatalog({ catalog, auth, discovery }),
          connections,
          auth: upstreamAuth,
          logger,
          limits: config,
        });
        const decisions = new ToolDecisions({
          permissions: deps.permissions,
          permissionsRegistry,
          catalog,
          auth,
        });
        const gateway = new ToolGateway({
          registry,
          decisions,
          connections,
          ledger,
          auditor: deps.auditor,
          logger,
          limits: config,
        });
        const service = new ToolsService({
          registry,
          decisions,
          ledger,
          permissions: deps.permissions,
        });

        permissionsRegistry.addPermissions([serverRefreshPermission]);
        permissionsRegistry.addResourceType({
          resourceRef: toolResourceRef,
          permissions: [toolReadPermission, toolCallPermission],
          rules: Object.values(toolRules),
          getResources: async names => {
            const { byName } = await registry.snapshot();
            return names.map(name => byName.get(name));
          },
        });
        registerActions({
          actionsRegistry: deps.actionsRegistry,
          service,
          gateway,
        });
        // Before the validated router, which reads bodies that are not its own.
        deps.httpRouter.use(
          createMcpRouter({ gateway, httpAuth: deps.httpAuth, logger }),
        );
        deps.httpRouter.use(
          createRouter({ service, gateway, httpAuth: deps.httpAuth }),
        );
        await startSchedules({
          scheduler: deps.scheduler,
          lifecycle: deps.lifecycle,
          logger,
          config,
          registry,
          connections,
          ledger,
        });
      },
    });
  },
});

import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import {
  agentsPermissions,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import { runCreatePermission } from '@agentportal/plugin-orchestration-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { registerAgentActions } from './actions/registerAgentActions';
import { AgentDirectory, isEntityName } from './listing/AgentDirectory';
import {
  agentPermissionResourceRef,
  agentPermissionRules,
} from './permissions';
import { createRouter } from './router';

/**
 * The registry of agents: lists, counts and finds them over the catalog, and
 * lets permission policies speak about them.
 *
 * @public
 */
export const agentsPlugin = createBackendPlugin({
  pluginId: 'agents',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        registry: actionsRegistryServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auth, catalog, httpAuth, permissions } = deps;
        const directory = new AgentDirectory(deps);

        deps.permissionsRegistry.addPermissions(agentsPermissions);
        deps.permissionsRegistry.addResourceType({
          resourceRef: agentPermissionResourceRef,
          // Of the orchestration plugin, but its resource is an agent.
          permissions: [runCreatePermission],
          rules: Object.values(agentPermissionRules),
          // Conditions are judged on the agent as it is, whoever asks.
          getResources: async refs => {
            const entityRefs = [...new Set(refs)].filter(isAgentRef);
            const { items } = await catalog.getEntitiesByRefs(
              { entityRefs },
              { credentials: await auth.getOwnServiceCredentials() },
            );
            return refs.map(ref => {
              const entity = items[entityRefs.indexOf(ref)];
              return entity && isAgentEntity(entity) ? entity : undefined;
            });
          },
        });
        registerAgentActions({
          registry: deps.registry,
          directory,
          permissions,
        });
        deps.httpRouter.use(createRouter({ directory, httpAuth, permissions }));
      },
    });
  },
});

/** What is no ref of an agent, the catalog cannot be asked for. */
function isAgentRef(ref: string): boolean {
  try {
    const { namespace, name } = parseEntityRef(ref, { defaultKind: 'Agent' });
    return isEntityName(namespace) && isEntityName(name);
  } catch {
    return false;
  }
}

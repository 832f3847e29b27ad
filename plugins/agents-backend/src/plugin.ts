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
import { registerAgentActions } from './actions/registerAgentActions';
import { serviceHandlers } from './api/serviceHandlers';
import { readAgentsConfig } from './config';
import { CredentialAuthenticator } from './credentials/CredentialAuthenticator';
import { CredentialStore } from './credentials/CredentialStore';
import { Delegations } from './delegations/Delegations';
import { DelegationStore } from './delegations/DelegationStore';
import { GrantStore } from './grants/GrantStore';
import { isAgentRef } from './identities/agentRef';
import { AgentRecords } from './identities/AgentRecords';
import { StateStore } from './identities/StateStore';
import { AgentDirectory } from './listing/AgentDirectory';
import {
  agentPermissionResourceRef,
  agentPermissionRules,
} from './permissions';
import { createRouter } from './router';
import { openDatabase } from './store/openDatabase';
import { RevokedTokenStore } from './store/RevokedTokenStore';

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
        config: coreServices.rootConfig,
        database: coreServices.database,
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
        const config = readAgentsConfig(deps.config);
        const knex = await openDatabase(deps.database);
        const states = new StateStore(knex);
        const records = new AgentRecords({
          auth,
          catalog,
          states,
          grants: new GrantStore(knex),
          sponsorGraceDays: config.sponsorGraceDays,
        });
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
        deps.httpRouter.use(
          createRouter({
            directory,
            httpAuth,
            permissions,
            forServices: serviceHandlers({
              records,
              delegations: new Delegations({
                store: new DelegationStore(knex),
                records,
                states,
              }),
              authenticator: new CredentialAuthenticator({
                store: new CredentialStore(knex),
                records,
                states,
              }),
              revokedTokens: new RevokedTokenStore(knex),
            }),
          }),
        );
      },
    });
  },
});

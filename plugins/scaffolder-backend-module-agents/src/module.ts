import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createPublishLocalAction } from './actions/publishLocal';
import { createRegisterAgentAction } from './actions/registerAgent';
import { createWriteAgentAction } from './actions/writeAgent';
import { LocalRepositories } from './repositories/localRepositories';

/**
 * Gives the scaffolder the actions of the golden paths for agents.
 *
 * @public
 */
export const scaffolderModuleAgents = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'agents',
  register(env) {
    env.registerInit({
      deps: {
        scaffolder: scaffolderActionsExtensionPoint,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        permissions: coreServices.permissions,
        userInfo: coreServices.userInfo,
      },
      async init({ scaffolder, catalog, config, permissions, userInfo }) {
        const repositories = LocalRepositories.fromConfig(config);
        const integrations = ScmIntegrations.fromConfig(config);
        scaffolder.addActions(
          createWriteAgentAction({
            catalog,
            permissions,
            userInfo,
            integrations,
            repositories,
          }),
          createPublishLocalAction({ repositories }),
          createRegisterAgentAction({ catalog }),
        );
      },
    });
  },
});

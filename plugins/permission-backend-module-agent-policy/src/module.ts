import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import {
  ActingUserInfo,
  agentDecisionsServiceRef,
} from '@agentportal/plugin-agents-node';
import { AgentPortalPolicy } from './AgentPortalPolicy';
import { readPolicyConfig } from './policyConfig';

/**
 * Sets Agent Portal's policy as the one permission policy of the backend.
 *
 * @public
 */
export const permissionModuleAgentPolicy = createBackendModule({
  pluginId: 'permission',
  moduleId: 'agent-policy',
  register(env) {
    env.registerInit({
      deps: {
        policy: policyExtensionPoint,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        decisions: agentDecisionsServiceRef,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        userInfo: coreServices.userInfo,
      },
      async init({ policy, config, decisions, logger, ...deps }) {
        policy.setPolicy(
          new AgentPortalPolicy({
            config: readPolicyConfig(config),
            decisions,
            logger,
            userInfo: new ActingUserInfo(deps),
          }),
        );
      },
    });
  },
});

import { principalOf } from '@agentportal/plugin-agents-node';
import {
  type AuthService,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';

/** Tokens on behalf of a person that say who acts, as Backstage's own do. */
export const actingAuth = createServiceFactory({
  service: coreServices.auth,
  deps: { plugin: coreServices.pluginMetadata },
  factory: ({ plugin }) => {
    const mock = mockServices.auth({ pluginId: plugin.getId() });
    return Object.assign(Object.create(mock) as AuthService, {
      getPluginRequestToken: async (
        options: Parameters<AuthService['getPluginRequestToken']>[0],
      ) => {
        const principal = principalOf(options.onBehalfOf);
        const subject = `plugin:${plugin.getId()}`;
        return principal.type === 'user'
          ? {
              token: mockCredentials.user.token(principal.userEntityRef, {
                actor: { subject },
              }),
            }
          : mock.getPluginRequestToken(options);
      },
    });
  },
});

import { AgentIdentityClient } from '@agentportal/plugin-agents-common';
import { mockCredentials } from '@backstage/backend-test-utils';

/**
 * Asks the agents plugin of a test backend as another plugin of the portal would, by
 * default as the one that runs agents. With it, a test lets agents act for real:
 *
 * ```ts
 * const backend = await startTestBackend({ features: [agentsPlugin, pluginUnderTest, catalogServiceMock.factory({ entities })] });
 * const { client, by } = identityClientOf(backend.server);
 * const delegation = await client.createDelegation({ agentRef, personRef, startedBy: personRef, taskId: 'run-1', expiresAt }, by);
 * const header = mockCredentials.user.header(delegation.ref);
 * ```
 *
 * @public
 */
export function identityClientOf(
  server: { port(): number },
  subject: string = 'plugin:orchestration',
): { client: AgentIdentityClient; by: { token: string } } {
  return {
    client: new AgentIdentityClient({
      discoveryApi: {
        getBaseUrl: async pluginId =>
          `http://localhost:${server.port()}/api/${pluginId}`,
      },
      fetchApi: { fetch },
    }),
    by: {
      token: mockCredentials.service.token({
        onBehalfOf: mockCredentials.service(subject),
        targetPluginId: 'agents',
      }),
    },
  };
}

import { AgentIdentityClient } from '@agentportal/plugin-agents-common';
import { createPluginAsker } from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
  RootInstanceMetadataService,
} from '@backstage/backend-plugin-api';
import { isError, ResponseError } from '@backstage/errors';

const TIMEOUT_MS = 20_000;

/**
 * Reads what people have approved of the budgets in files of agents, by ref; nothing in a
 * portal without the agents plugin.
 *
 * @throws ServiceUnavailableError when nobody knows; what is in force has to stay then
 */
export function createApprovedBudgets(options: {
  auth: AuthService;
  discovery: DiscoveryService;
  instance: RootInstanceMetadataService;
}): () => Promise<ReadonlyMap<string, string>> {
  const { auth, discovery, instance } = options;
  const client = new AgentIdentityClient({
    discoveryApi: discovery,
    fetchApi: { fetch },
  });
  const ask = createPluginAsker({
    auth,
    pluginId: 'agents',
    timeoutMs: TIMEOUT_MS,
    away: 'The agents plugin does not answer, so nobody knows which budgets were approved.',
  });
  return async () => {
    try {
      return await ask(by => client.approvedBudgets(by));
    } catch (error) {
      const cause = isError(error) && error.cause;
      const here = await instance.getInstalledPlugins();
      // One that only starts is not found either.
      if (
        cause instanceof ResponseError &&
        cause.statusCode === 404 &&
        here.every(({ pluginId }) => pluginId !== 'agents')
      ) {
        return new Map();
      }
      throw error;
    }
  };
}

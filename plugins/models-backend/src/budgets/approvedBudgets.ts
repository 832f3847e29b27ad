import { AgentIdentityClient } from '@agentportal/plugin-agents-common';
import { createPluginAsker } from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
  RootInstanceMetadataService,
} from '@backstage/backend-plugin-api';
import { isError, ResponseError } from '@backstage/errors';

const TIMEOUT_MS = 20_000;
/** One that only starts, here or on another host, is not found either. */
const ABSENT_AFTER_MS = 10 * 60_000;

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
  /** Whether budgets of files are in force, which the plugin may have bounded. */
  hasAny(): Promise<boolean>;
  now?: () => number;
}): () => Promise<ReadonlyMap<string, string>> {
  const { auth, discovery, instance, hasAny, now = Date.now } = options;
  let notFoundSince: number | undefined;
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
      const approved = await ask(by => client.approvedBudgets(by));
      notFoundSince = undefined;
      return approved;
    } catch (error) {
      const cause = isError(error) && error.cause;
      if (!(cause instanceof ResponseError && cause.statusCode === 404)) {
        notFoundSince = undefined;
        throw error;
      }
      notFoundSince ??= now();
      const here = await instance.getInstalledPlugins();
      if (
        here.every(({ pluginId }) => pluginId !== 'agents') &&
        (now() - notFoundSince >= ABSENT_AFTER_MS || !(await hasAny()))
      ) {
        return new Map();
      }
      throw error;
    }
  };
}

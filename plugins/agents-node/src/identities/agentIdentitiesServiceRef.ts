import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import type { AgentIdentities } from './AgentIdentities';
import { DefaultAgentIdentities } from './DefaultAgentIdentities';

/**
 * Tells who acts. It needs no installation: each plugin that depends on it gets one of
 * its own, which asks the agents plugin.
 *
 * @public
 */
export const agentIdentitiesServiceRef = createServiceRef<AgentIdentities>({
  id: 'agents.identities',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: { auth: coreServices.auth, discovery: coreServices.discovery },
      factory: deps => new DefaultAgentIdentities(deps),
    }),
});

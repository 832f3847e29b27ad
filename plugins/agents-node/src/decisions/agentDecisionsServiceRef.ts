import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { agentIdentitiesServiceRef } from '../identities/agentIdentitiesServiceRef';
import type { AgentDecisions } from './AgentDecisions';
import { DefaultAgentDecisions } from './DefaultAgentDecisions';

/**
 * Decides what agents may do. It needs no installation: each plugin that depends
 * on it gets one of its own, which reads the rules from the agents plugin.
 *
 * @public
 */
export const agentDecisionsServiceRef = createServiceRef<AgentDecisions>({
  id: 'agents.decisions',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {
        auth: coreServices.auth,
        discovery: coreServices.discovery,
        identities: agentIdentitiesServiceRef,
        logger: coreServices.logger,
      },
      factory: deps => new DefaultAgentDecisions(deps),
    }),
});

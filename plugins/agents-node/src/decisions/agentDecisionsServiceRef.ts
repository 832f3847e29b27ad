import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import type { AgentDecisions } from './AgentDecisions';
import { DefaultAgentDecisions } from './DefaultAgentDecisions';

/**
 * Decides about tool calls of agents. It needs no installation: each plugin that depends
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
        logger: coreServices.logger,
      },
      factory: deps => new DefaultAgentDecisions(deps),
    }),
});

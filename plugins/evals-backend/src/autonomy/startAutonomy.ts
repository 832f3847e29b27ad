import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { Autonomy } from './Autonomy';
import { Incidents } from './Incidents';
import { registerAutonomyActions } from './registerActions';

/** Sets up what agents may earn, and how they lose it. */
export async function startAutonomy(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  config: EvalsConfig;
  discovery: DiscoveryService;
  knex: Knex;
  scheduler: SchedulerService;
}) {
  const autonomy = new Autonomy({
    ...options,
    incidents: new Incidents(options.knex),
    terms: options.config.autonomy,
  });
  await options.scheduler.scheduleTask({
    id: 'keep-earned-autonomy',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 35 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: signal => autonomy.keep(signal),
  });
  registerAutonomyActions({ ...options, autonomy });
  return { handlers: autonomyHandlers(autonomy) };
}

/** Answers the routes of this folder. */
function autonomyHandlers(
  autonomy: Autonomy,
): OperationHandlers<
  Pick<EvalsOperations, 'getAutonomy' | 'proposeAutonomy' | 'endAutonomy'>
> {
  return {
    getAutonomy: ({ credentials, query }) =>
      autonomy.get(credentials, query.agentRef),
    proposeAutonomy: ({ credentials, body }) =>
      autonomy.propose(credentials, body),
    endAutonomy: ({ credentials, body }) => autonomy.end(credentials, body),
  };
}

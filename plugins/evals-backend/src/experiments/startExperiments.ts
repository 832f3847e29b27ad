import { AgentsClient } from '@agentportal/plugin-agents-common';
import {
  AgentOwners,
  type AuditLog,
  createPluginAsker,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  LoggerService,
  PermissionsService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import type { Gates } from '../gates/Gates';
import { Admission } from './Admission';
import { ExperimentKeeper } from './ExperimentKeeper';
import { Experiments } from './Experiments';
import { ExperimentStore } from './ExperimentStore';
import { experimentHandlers } from './handlers';
import { OutcomeReader } from './OutcomeReader';
import { registerExperimentActions } from './registerActions';

const TIMEOUT_MS = 20_000;

/** Sets up experiments on live traffic. */
export async function startExperiments(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditLog: AuditLog;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  config: EvalsConfig;
  discovery: DiscoveryService;
  gates: Pick<Gates, 'get'>;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  scheduler: SchedulerService;
}) {
  const { auth, config, discovery, knex, scheduler } = options;
  const store = new ExperimentStore(knex);
  const experiments = new Experiments({
    ...options,
    admission: new Admission({
      ...options,
      agents: new AgentsClient({
        discoveryApi: discovery,
        fetchApi: { fetch },
      }),
    }),
    store,
  });
  const owners = new AgentOwners(options);
  const notices = new OwnerNotices(options);
  const keeper = new ExperimentKeeper({
    ...options,
    outcomes: new OutcomeReader({
      store,
      runs: new OrchestrationClient({ discoveryApi: discovery }),
      askOrchestration: createPluginAsker({
        auth,
        pluginId: 'orchestration',
        timeoutMs: TIMEOUT_MS,
        away: 'Runs cannot be read at the moment.',
      }),
    }),
    settings: config.experiments,
    store,
    tellOwner: async ({ agentRef, id, title }, { status, what }) => {
      const ownerRef = (await owners.of([agentRef])).get(agentRef);
      if (ownerRef) {
        await notices.send({
          entityRef: agentRef,
          ownerRef,
          link: `/quality/experiments/${id}`,
          title: `Experiment "${title}"`,
          description: what,
          scope: `experiment-${id}`,
          severity: status === 'rolled-back' ? 'high' : 'normal',
        });
      }
    },
  });
  await scheduler.scheduleTask({
    id: 'look-at-experiments',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 20 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: signal => keeper.look(signal),
  });
  await scheduler.scheduleTask({
    id: 'delete-old-experiments',
    frequency: { hours: 6 },
    initialDelay: { minutes: 9 },
    timeout: { hours: 1 },
    scope: 'global',
    fn: signal =>
      store.removeBefore(Date.now() - config.retention.experiments, signal),
  });
  registerExperimentActions({ ...options, experiments });
  return {
    erase: (person: string) => store.erase(person),
    handlers: experimentHandlers(experiments),
  };
}

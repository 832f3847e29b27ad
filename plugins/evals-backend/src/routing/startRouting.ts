import { createPluginAsker } from '@agentportal/plugin-agents-node';
import { ModelsClient } from '@agentportal/plugin-models-common';
import type {
  AuthService,
  DiscoveryService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { JudgedRuns } from './JudgedRuns';
import { tellOutcomes } from './tellOutcomes';

const TIMEOUT_MS = 20_000;

/** Lets the router of the model service learn from what was judged. */
export async function startRouting(options: {
  auth: AuthService;
  discovery: DiscoveryService;
  knex: Knex;
  scheduler: SchedulerService;
}): Promise<void> {
  const { auth, discovery, knex, scheduler } = options;
  const runs = new JudgedRuns(knex);
  const models = new ModelsClient({
    discoveryApi: discovery,
    fetchApi: { fetch },
  });
  const ask = createPluginAsker({
    auth,
    pluginId: 'models',
    timeoutMs: TIMEOUT_MS,
    away: 'The plugin models does not answer.',
    answers: [ConflictError, NotFoundError],
  });
  await scheduler.scheduleTask({
    id: 'tell-outcomes-to-router',
    frequency: { minutes: 5 },
    initialDelay: { minutes: 2 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: signal => tellOutcomes({ runs, models, ask, signal }),
  });
}

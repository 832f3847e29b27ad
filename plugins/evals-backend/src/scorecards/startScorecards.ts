import { AgentsClient } from '@agentportal/plugin-agents-common';
import {
  AgentsWithin,
  createPluginAsker,
} from '@agentportal/plugin-agents-node';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  LifecycleService,
  LoggerService,
  PermissionsService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { NotFoundError, stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { Knex } from 'knex';
import { AgentChanges } from '../delivery/AgentChanges';
import { ChangeStore } from '../delivery/ChangeStore';
import { Delivery } from '../delivery/Delivery';
import { TOPIC_EVALUATIONS } from '../evaluations/startEvaluations';
import type { FeedbackStore } from '../feedback/FeedbackStore';
import type { ReviewStore } from '../feedback/ReviewStore';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { createVisibleAgents } from '../permissions/visibleAgents';
import { budgetEvidence } from './evidence/budgetEvidence';
import { decisionEvidence } from './evidence/decisionEvidence';
import { evaluationEvidence } from './evidence/evaluationEvidence';
import type { KnownAgent } from './evidence/Evidence';
import { feedbackEvidence } from './evidence/feedbackEvidence';
import { guardEvidence } from './evidence/guardEvidence';
import { peopleEvidence } from './evidence/peopleEvidence';
import { runEvidence } from './evidence/runEvidence';
import { toolEvidence } from './evidence/toolEvidence';
import { scorecardHandlers } from './handlers';
import { registerScorecardActions } from './registerActions';
import { Quality } from './Quality';
import type { Check } from './scorecardFile';
import { ScorecardRound } from './ScorecardRound';
import { Scorecards } from './Scorecards';
import type { LevelChange, ScorecardStore } from './ScorecardStore';

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 20_000;
/** Levels and changes are kept for so long; they name nobody. */
const HISTORY_MS = 800 * DAY_MS;
/** Evaluations that end soon after each other are looked at together. */
const GATHER_MS = 20_000;

/** Sets up how agents stand, and how they are changed. */
export async function startScorecards(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  checks: Check[];
  discovery: DiscoveryService;
  events: EventsService;
  knex: Knex;
  lifecycle: LifecycleService;
  logger: LoggerService;
  permissions: PermissionsService;
  scheduler: SchedulerService;
  feedback: FeedbackStore;
  reviews: ReviewStore;
  store: ScorecardStore;
}) {
  const { auth, catalog, discovery, knex, logger, scheduler, store } = options;
  const connection = { discoveryApi: discovery, fetchApi: { fetch } };
  const asker = (pluginId: string) =>
    createPluginAsker({
      auth,
      pluginId,
      timeoutMs: TIMEOUT_MS,
      away: `The plugin ${pluginId} does not answer.`,
      answers: [NotFoundError],
    });
  const agents = new AgentsClient(connection);
  const askAgents = asker('agents');
  const tools = new ToolsClient(connection);
  const askTools = asker('tools');
  const changes = new ChangeStore(knex);
  const visible = createVisibleAgents(options);
  const round = new ScorecardRound({
    ...{ agents, askAgents, logger, store },
    checks: options.checks,
    sources: [
      peopleEvidence({ auth, catalog }),
      toolEvidence({ tools, ask: askTools }),
      runEvidence({
        runs: new OrchestrationClient(connection),
        ask: asker('orchestration'),
      }),
      budgetEvidence({
        models: new ModelsClient(connection),
        ask: asker('models'),
      }),
      guardEvidence({ tools, ask: askTools }),
      evaluationEvidence({ knex }),
      decisionEvidence(store),
      feedbackEvidence(options),
    ],
    onComputed: (all, levels) => noteFailures(changes, all, levels),
  });
  const looks = new AgentChanges({
    ...options,
    agents,
    askAgents,
    store: changes,
  });
  await scheduler.scheduleTask({
    id: 'look-at-changes-of-agents',
    frequency: { minutes: 10 },
    initialDelay: { seconds: 40 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: () => looks.look(),
  });
  await scheduler.scheduleTask({
    id: 'compute-scorecards',
    frequency: { hours: 1 },
    initialDelay: { seconds: 60 },
    timeout: { minutes: 20 },
    scope: 'global',
    fn: async () => {
      await round.compute();
      await store.removeHistoryBefore(Date.now() - HISTORY_MS);
      await changes.removeBefore(Date.now() - HISTORY_MS);
    },
  });
  let soon: NodeJS.Timeout | undefined;
  await options.events.subscribe({
    id: 'scorecards-evaluations',
    topics: [TOPIC_EVALUATIONS],
    onEvent: async () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        // The schedule comes to it anyway.
        round.compute(Date.now(), true).catch(error => {
          logger.debug(`Scorecards are not computed: ${stringifyError(error)}`);
        });
      }, GATHER_MS).unref();
    },
  });
  options.lifecycle.addShutdownHook(() => clearTimeout(soon));
  const scorecards = new Scorecards({ ...options, round, visible });
  const delivery = new Delivery({ ...options, store: changes, visible });
  const quality = new Quality({
    ...options,
    visible,
    within: new AgentsWithin(options),
  });
  const served = { delivery, quality, scorecards };
  registerScorecardActions({ ...options, ...served });
  return { handlers: scorecardHandlers(served) };
}

/** What the standing of agents tells of the changes that were made to them. */
async function noteFailures(
  store: ChangeStore,
  agents: KnownAgent[],
  levels: LevelChange[],
): Promise<void> {
  const now = Date.now();
  for (const { ref, state } of agents) {
    if (state === 'suspended') {
      await store.fail(ref, 'suspended', now);
    }
  }
  const active = agents.filter(({ state }) => state === 'active');
  await store.repair(
    active.map(({ ref }) => ref),
    'suspended',
    now,
  );
  for (const { agentRef, isWorse } of levels) {
    if (isWorse) {
      await store.fail(agentRef, 'quality', now);
    }
  }
  await store.failByAlarms(now);
  await store.repair(
    levels.flatMap(({ agentRef, isWorse }) => (isWorse ? [] : agentRef)),
    'quality',
    now,
  );
}

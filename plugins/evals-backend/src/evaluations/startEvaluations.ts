import { CatalogTrust } from '@agentportal/plugin-agents-node';
import type { Evaluation } from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  LifecycleService,
  LoggerService,
  PermissionsService,
  RootConfigService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import { DataSets } from '../dataSets/DataSets';
import { DataSetStore } from '../dataSets/DataSetStore';
import { FileDataSets } from '../dataSets/FileDataSets';
import { dataSetHandlers } from '../dataSets/handlers';
import { Gates } from '../gates/Gates';
import { EvalsWorkers } from '../judging/EvalsWorkers';
import { Judge } from '../judging/Judge';
import { JudgeBudget } from '../judging/JudgeBudget';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { AgentTiers } from './AgentTiers';
import { Comparisons } from './Comparisons';
import { Completion } from './Completion';
import { EvaluationRunner } from './EvaluationRunner';
import { Evaluations } from './Evaluations';
import { EvaluationStore } from './EvaluationStore';
import { evaluationHandlers } from './handlers';
import { registerEvaluationActions } from './registerActions';
import { Rehearsals } from './Rehearsals';
import { Subjects } from './Subjects';

const DAY_MS = 86_400_000;
/** How long versions of data sets are kept that no evaluation used. */
const UNUSED_VERSIONS_MS = 30 * DAY_MS;
const WORKERS = 2;

/**
 * Topic of the events service: an evaluation is through. Events may be lost: whoever waits asks
 * now and then.
 */
export const TOPIC_EVALUATIONS = 'agentportal.evaluations';

/** Sets up data sets, evaluations, comparisons and gates. */
export async function startEvaluations(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  config: EvalsConfig;
  discovery: DiscoveryService;
  events: EventsService;
  knex: Knex;
  lifecycle: LifecycleService;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  rootConfig: RootConfigService;
  scheduler: SchedulerService;
}) {
  const { auth, catalog, config, discovery, knex, logger, scheduler } = options;
  const workers = new EvalsWorkers({ maxProcesses: WORKERS });
  const dataSetStore = new DataSetStore(knex);
  const store = new EvaluationStore(knex);
  const subjects = new Subjects(options);
  const tiers = new AgentTiers({ auth, catalog, discovery });
  const rehearsals = new Rehearsals({ auth, discovery });
  const judge = new Judge({
    auth,
    discovery,
    model: config.judge?.model,
    upTo: config.judge?.upTo ?? 'internal',
  });
  const dataSets = new DataSets({ ...options, store: dataSetStore, workers });
  const completion = new Completion({
    dataSets: dataSetStore,
    evaluations: store,
    knex,
    workers,
    onEnd: evaluation => tell(evaluation, options),
  });
  const runner = new EvaluationRunner({
    dataSets: dataSetStore,
    evaluations: store,
    completion,
    judge,
    judgeBudget: new JudgeBudget(knex),
    knex,
    logger,
    rehearsals,
    subjects,
    workers,
    questionsAtOnce: config.questionsAtOnce,
  });
  const warn = (error: unknown) =>
    logger.warn(`Evaluations wait: ${stringifyError(error)}`);
  const evaluations = new Evaluations({
    ...options,
    dataSets: dataSetStore,
    judge,
    rehearsals,
    services: config.services,
    store,
    subjects,
    onCreated: () => {
      runner.look().catch(warn);
    },
  });
  const comparisons = new Comparisons({ evaluations, store, workers });
  const gates = new Gates({
    ...options,
    dataSets: dataSetStore,
    evaluations: store,
    rules: config.gates,
    subjects,
    tiers,
  });
  const files = new FileDataSets({
    auth,
    catalog,
    logger,
    store: dataSetStore,
    trust: CatalogTrust.fromConfig(options.rootConfig),
    workers,
  });

  await scheduler.scheduleTask({
    id: 'ask-questions',
    frequency: { seconds: 5 },
    initialDelay: { seconds: 5 },
    timeout: { minutes: 1 },
    // Each replica takes what nobody holds.
    scope: 'local',
    fn: () => runner.look(),
  });
  await scheduler.scheduleTask({
    id: 'end-evaluations',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 40 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: () => completion.lookAtRunning(),
  });
  await scheduler.scheduleTask({
    id: 'read-data-sets',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 15 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: signal => files.look(signal),
  });
  await scheduler.scheduleTask({
    id: 'delete-old-evaluations',
    frequency: { hours: 6 },
    initialDelay: { minutes: 9 },
    timeout: { hours: 1 },
    scope: 'global',
    fn: async signal => {
      await store.clean(Date.now() - config.retention.evaluations, signal);
      await dataSetStore.clean(Date.now() - UNUSED_VERSIONS_MS);
    },
  });
  options.lifecycle.addShutdownHook(async () => {
    await runner.close();
    await workers.close();
  });
  registerEvaluationActions({
    ...options,
    comparisons,
    dataSets,
    evaluations,
    gates,
  });
  return {
    dataSets,
    evaluations: store,
    evaluating: evaluations,
    said: (agentRef: string) => subjects.said(agentRef),
    workers,
    gates,
    erase: async (person: string) =>
      (await store.erase(person)) + (await dataSetStore.erase(person)),
    handlers: {
      ...dataSetHandlers(dataSets),
      ...evaluationHandlers({ comparisons, evaluations, gates }),
    },
  };
}

/** Nothing depends on whether it arrives: the portal says the same where it is about. */
async function tell(
  evaluation: Evaluation,
  options: {
    events: EventsService;
    logger: LoggerService;
    notifications: NotificationService;
  },
): Promise<void> {
  const { agentRef, counts, createdBy, id, label, dataSetTitle } = evaluation;
  try {
    await options.events.publish({
      topic: TOPIC_EVALUATIONS,
      eventPayload: { id, agentRef, status: evaluation.status },
    });
    await options.notifications.send({
      recipients: { type: 'entity', entityRef: createdBy },
      payload: {
        title: `${counts.passed} of ${counts.cases} were right`,
        description: `${label} of ${agentRef} was asked "${dataSetTitle}".`,
        link: `/quality/evaluations/${id}`,
        scope: `evaluation:${id}`,
        severity: 'normal',
      },
    });
  } catch (error) {
    options.logger.debug(`Not told of ${id}: ${stringifyError(error)}`);
  }
}

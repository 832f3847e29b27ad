import { createPluginAsker } from '@agentportal/plugin-agents-node';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  PermissionsService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Knex } from 'knex';
import type { EvalsConfig } from '../config';
import type { EvalsAccess } from '../permissions/EvalsAccess';
import { Conversations } from './Conversations';
import { Feedback } from './Feedback';
import { FeedbackStore } from './FeedbackStore';
import { feedbackHandlers } from './handlers';
import { registerFeedbackActions } from './registerActions';
import { ReviewDraw } from './ReviewDraw';
import { type CaseBook, Reviews } from './Reviews';
import { ReviewStore } from './ReviewStore';

const DAY_MS = 86_400_000;
/** Nobody will look at a conversation any more that has waited for longer. */
const WAITS_MS = 90 * DAY_MS;
const TIMEOUT_MS = 20_000;

/** Sets up what people say of answers, and which conversations they look at. */
export async function startFeedback(options: {
  access: EvalsAccess;
  actionsRegistry: ActionsRegistryService;
  auditor: AuditorService;
  auth: AuthService;
  cases: CaseBook;
  config: EvalsConfig;
  discovery: DiscoveryService;
  /** Take a person's name from what they judged elsewhere. */
  erasers: Array<(person: string) => Promise<number>>;
  knex: Knex;
  permissions: PermissionsService;
  scheduler: SchedulerService;
  tiersOf: ConstructorParameters<typeof ReviewDraw>[0]['tiersOf'];
}) {
  const { auth, config, discovery, knex, scheduler } = options;
  const store = new FeedbackStore(knex);
  const reviewStore = new ReviewStore(knex);
  const conversations = new Conversations({ auth, discovery });
  const feedback = new Feedback({
    ...options,
    conversations,
    reviews: reviewStore,
    store,
  });
  const reviews = new Reviews({
    ...options,
    conversations,
    feedback: store,
    store: reviewStore,
  });
  const asker = (pluginId: string) =>
    createPluginAsker({
      auth,
      pluginId,
      timeoutMs: TIMEOUT_MS,
      away: `The plugin ${pluginId} does not answer.`,
    });
  const draw = new ReviewDraw({
    knex,
    reviews: reviewStore,
    runs: new OrchestrationClient({ discoveryApi: discovery }),
    askOrchestration: asker('orchestration'),
    tools: new ToolsClient({ discoveryApi: discovery, fetchApi: { fetch } }),
    askTools: asker('tools'),
    tiersOf: options.tiersOf,
    shares: config.reviews.sampled,
    failedPerDay: config.reviews.failedPerDay,
  });
  await scheduler.scheduleTask({
    id: 'choose-reviews',
    frequency: { minutes: 1 },
    initialDelay: { seconds: 30 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: signal => draw.look(signal),
  });
  await scheduler.scheduleTask({
    id: 'delete-old-feedback',
    frequency: { hours: 6 },
    initialDelay: { minutes: 7 },
    timeout: { hours: 1 },
    scope: 'global',
    fn: async signal => {
      const before = Date.now() - config.retention.feedback;
      await store.removeBefore(before, signal);
      await reviewStore.removeBefore(before, undefined, signal);
      await reviewStore.removeBefore(Date.now() - WAITS_MS, 'waiting', signal);
    },
  });
  registerFeedbackActions({ ...options, feedback, reviews });
  return {
    store,
    reviews: reviewStore,
    handlers: feedbackHandlers({ ...options, feedback, reviews }),
  };
}

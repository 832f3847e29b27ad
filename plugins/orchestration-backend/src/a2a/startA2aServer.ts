import type {
  AuthService,
  DiscoveryService,
  HttpAuthService,
  HttpRouterService,
  LifecycleService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { AgentDirectory } from '../agents/AgentDirectory';
import { KeyRing } from '../checkpoints/KeyRing';
import type { OrchestrationConfig } from '../config';
import type { RunDelegations } from '../execution/RunDelegations';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import type { Runs } from '../runs/Runs';
import type { RunStore } from '../store/RunStore';
import { createA2aRouter } from './createA2aRouter';
import { PushConfigs } from './push/PushConfigs';
import { PushSender } from './push/PushSender';
import { RunTaskHandler } from './RunTaskHandler';
import { SigningKey } from './SigningKey';

/** Serves all agents by A2A, and tells those who want to know what becomes of tasks. */
export async function startA2aServer(options: {
  agents: AgentDirectory;
  auth: AuthService;
  config: OrchestrationConfig;
  delegations: RunDelegations;
  discovery: DiscoveryService;
  feeds: RunEventFeeds;
  httpAuth: HttpAuthService;
  httpRouter: HttpRouterService;
  knex: Knex;
  lifecycle: LifecycleService;
  logger: LoggerService;
  rootConfig: RootConfigService;
  runs: Runs;
  store: RunStore;
  stopping: AbortSignal;
}): Promise<void> {
  const { config, discovery, knex, logger, rootConfig } = options;
  const keys = new KeyRing(config.checkpoints.keys);
  const push = new PushConfigs({
    knex,
    keys,
    allowedHosts: config.a2a.pushHosts,
  });
  const [own, auth] = await Promise.all([
    discovery.getExternalBaseUrl('orchestration'),
    discovery.getExternalBaseUrl('auth'),
  ]);
  // It authenticates by itself, and gives out public keys.
  options.httpRouter.addAuthPolicy({ path: '/a2a', allow: 'unauthenticated' });
  options.httpRouter.use(
    createA2aRouter({
      ...options,
      publicCards: config.a2a.publicCards,
      handler: new RunTaskHandler({ ...options, push }),
      signingKey: await SigningKey.create({ knex, keys }),
      card: {
        baseUrl: `${own}/a2a`,
        tokenUrl: `${auth}/agent/token`,
        organization:
          rootConfig.getOptionalString('organization.name') ?? 'Agent Portal',
        portalUrl: rootConfig.getOptionalString('app.baseUrl') ?? own,
      },
    }),
  );
  const sender = new PushSender({
    knex,
    runs: options.store,
    configs: push,
    logger,
  });
  sender.start();
  options.lifecycle.addShutdownHook(() => sender.stop());
}

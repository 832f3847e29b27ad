import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { Door } from './Door';

const MEGABYTE = 1024 * 1024;
const DEFAULTS = {
  maxCalls: 1_000,
  maxRequestBytes: 256 * MEGABYTE,
  drainSeconds: 30,
  /** The largest request that the gateway takes unless it is told otherwise. */
  unknownRequestBytes: 20 * MEGABYTE,
};

/** What this process serves; everything else is the portal's. */
const MODEL_CALLS = ['/api/models/openai', '/api/models/anthropic'];

/**
 * The way in without what only browsers need: no cookies, no CORS, no compression
 * of streams. Nothing but model calls and the health of the process is served.
 */
export const gatewayHttpRouter = rootHttpRouterServiceFactory({
  configure({
    app,
    config,
    healthRouter,
    lifecycle,
    logger,
    middleware,
    routes,
  }) {
    const limits = config.getOptionalConfig('modelGateway');
    const door = new Door({
      maxCalls: limits?.getOptionalNumber('maxCalls') ?? DEFAULTS.maxCalls,
      maxRequestBytes:
        limits?.getOptionalNumber('maxRequestBytes') ??
        DEFAULTS.maxRequestBytes,
      unknownRequestBytes:
        config.getOptionalNumber('models.limits.maxRequestBytes') ??
        DEFAULTS.unknownRequestBytes,
    });
    const drainSeconds =
      limits?.getOptionalNumber('drainSeconds') ?? DEFAULTS.drainSeconds;

    app.disable('x-powered-by');
    app.disable('etag');
    app.use(healthRouter);
    app.use(MODEL_CALLS, door.enter);
    app.use((request, response, next) => {
      const served = MODEL_CALLS.some(path => request.path.startsWith(path));
      (served ? routes : middleware.notFound())(request, response, next);
    });
    app.use(middleware.notFound());
    app.use(middleware.error());

    // Before the plugins let go of their providers and databases. What is passed
    // here is the lifecycle of the process, though its type says less.
    const processLifecycle = lifecycle as typeof lifecycle & {
      addBeforeShutdownHook(hook: () => Promise<void>): void;
    };
    processLifecycle.addBeforeShutdownHook(async () => {
      logger.info(`Ending; ${door.size} calls are under way`);
      const cut = await door.drain(drainSeconds * 1000);
      if (cut > 0) {
        logger.warn(`${cut} calls took too long to end and were cut off`);
      }
    });
  },
});

import { DEFAULT_LIMITS, Door } from '@agentportal/model-gateway';
import {
  readMilliseconds,
  RUN_STEP_HEADER,
} from '@agentportal/plugin-agents-node';
import type {
  LoggerService,
  RootConfigService,
  RootLifecycleService,
} from '@backstage/backend-plugin-api';
import type { ModelsConfig } from '../config/readModelsConfig';

/** For which Backstage lets a load balancer notice that the process ends. */
const NOTICE = 'backend.lifecycle.serverShutdownDelay';

/**
 * The way in for model calls. It lets them end before the process does: before
 * the plugins let go of their databases and before the web server stops. While a
 * load balancer may still send new calls, they are still taken.
 */
export function createDoor(options: {
  limits: ModelsConfig['limits'];
  config: RootConfigService;
  rootLifecycle: RootLifecycleService;
  logger: LoggerService;
}): Door {
  const { config, limits, logger } = options;
  const door = new Door({
    maxCalls: limits.maxCalls,
    maxRequestBytes: limits.maxTotalRequestBytes,
    unknownRequestBytes:
      limits.maxRequestBytes ?? DEFAULT_LIMITS.maxRequestBytes,
    // A run that began may take its last steps.
    isUnderWay: ({ headers }) => RUN_STEP_HEADER in headers,
  });
  const noticeMs = readMilliseconds(config, NOTICE, 0);
  options.rootLifecycle.addBeforeShutdownHook(async () => {
    await new Promise(resolve => {
      setTimeout(resolve, noticeMs);
    });
    if (door.size > 0) {
      logger.info(`Ending; ${door.size} model calls are under way`);
    }
    const cut = await door.drain(limits.drainSeconds * 1000);
    if (cut > 0) {
      logger.warn(`${cut} model calls took too long to end and were cut off`);
    }
  });
  return door;
}

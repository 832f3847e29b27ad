import type { ModelDirectory } from '@agentportal/model-gateway';
import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import type { DeclaredModels } from './routes/DeclaredModels';

const MINUTE_MS = 60_000;

/**
 * Keeps what every process holds in memory fresh: the lists of the providers and
 * what the catalog declares. And closes calls of processes that have ended.
 */
export async function scheduleRefreshes(options: {
  directory: ModelDirectory;
  declared: DeclaredModels;
  ledger: DatabaseCallLedger;
  logger: LoggerService;
  scheduler: SchedulerService;
  longestCallMs: number;
}): Promise<void> {
  const { declared, directory, ledger, logger, scheduler } = options;

  const closeAbandoned = async (startedBefore: number) => {
    const closed = await ledger.closeAbandoned(startedBefore);
    if (closed > 0) {
      logger.warn(
        `${closed} model calls were under way when their process ended; they are marked as unreconciled`,
      );
    }
  };
  // Of a database of its own, no other process can have calls under way.
  await closeAbandoned(
    ledger.exclusive ? Date.now() : Date.now() - 2 * options.longestCallMs,
  );

  await scheduler.scheduleTask({
    id: 'close-abandoned-calls',
    scope: 'global',
    frequency: { minutes: 5 },
    timeout: { minutes: 1 },
    initialDelay: { minutes: 5 },
    fn: () => closeAbandoned(Date.now() - 2 * options.longestCallMs),
  });
  await scheduler.scheduleTask({
    id: 'refresh-providers',
    scope: 'local',
    frequency: { seconds: 60 },
    timeout: { seconds: 30 },
    fn: signal => directory.refresh(signal),
  });

  let known = false;
  await scheduler.scheduleTask({
    id: 'refresh-declared-models',
    scope: 'local',
    frequency: { seconds: 10 },
    timeout: { milliseconds: MINUTE_MS },
    fn: async () => {
      try {
        await declared.refresh();
        known = true;
      } catch (error) {
        // At start the catalog may not listen yet; what is known stays.
        if (known) {
          logger.warn(`Cannot read models from the catalog: ${error}`);
        }
      }
    },
  });
}

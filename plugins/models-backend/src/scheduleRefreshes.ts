import { hash } from 'node:crypto';
import {
  type CatalogChangedPayload,
  TOPIC_CATALOG_CHANGED,
  TOPIC_MODELS_CHANGED,
} from '@agentportal/plugin-agents-common';
import { subscriptionOfProcess } from '@agentportal/plugin-agents-node';
import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { EventsService } from '@backstage/plugin-events-node';
import type { KnownModels } from './gateway/createKnownModels';
import type { DatabaseCallLedger } from './ledger/DatabaseCallLedger';
import type { DeclaredModels } from './routes/DeclaredModels';

/** Events may be lost, and that an entity has gone is not told by any. */
const LOOK_AGAIN_MS = 5 * 60_000;

/**
 * Keeps what every process holds in memory fresh: the lists of the providers and
 * what the catalog declares. And closes calls of processes that have ended.
 */
export async function scheduleRefreshes(options: {
  known: KnownModels;
  declared: DeclaredModels;
  ledger: DatabaseCallLedger;
  events: EventsService;
  logger: LoggerService;
  scheduler: SchedulerService;
  longestCallMs: number;
}): Promise<void> {
  const { declared, events, known, ledger, logger, scheduler } = options;
  const { directory, prices } = known;

  let told = '';
  /** The catalog has entities of the models, and mirrors what is new. */
  const tellChanges = async () => {
    const now = hash(
      'sha256',
      JSON.stringify([directory.models(), [...prices.all()]]),
    );
    if (now !== told) {
      told = now;
      await events.publish({ topic: TOPIC_MODELS_CHANGED, eventPayload: {} });
    }
  };

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
    fn: async signal => {
      await directory.refresh(signal);
      await tellChanges();
    },
  });

  const startedAt = Date.now();
  let readAt = -Infinity;
  let failed = false;
  // A fresh catalog may still be reading, and without routes no agent can work.
  const isEmpty = () =>
    directory.routes().length === 0 && Date.now() - startedAt < LOOK_AGAIN_MS;
  const readCatalog = async () => {
    try {
      await declared.refresh();
      readAt = Date.now();
      failed = false;
      await tellChanges();
    } catch (error) {
      // At start the catalog may not listen yet; what is known stays.
      if (readAt > 0 && !failed) {
        logger.warn(`Cannot read models from the catalog: ${error}`);
      }
      failed = true;
    }
  };
  await scheduler.scheduleTask({
    id: 'refresh-declared-models',
    scope: 'local',
    frequency: { seconds: 10 },
    timeout: { minutes: 1 },
    fn: async () => {
      if (failed || isEmpty() || Date.now() - readAt > LOOK_AGAIN_MS) {
        await readCatalog();
      } else {
        await declared.refreshEdits();
      }
    },
  });
  await events.subscribe({
    // Every process has models, prices and routes in its own memory.
    id: subscriptionOfProcess('catalog'),
    topics: [TOPIC_CATALOG_CHANGED],
    onEvent: async ({ eventPayload }) => {
      const { entityRefs } = eventPayload as CatalogChangedPayload;
      if (entityRefs.some(ref => ref.startsWith('model:'))) {
        await readCatalog();
      }
    },
  });
}

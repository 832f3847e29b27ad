import { createHash } from 'node:crypto';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type {
  AuthService,
  LifecycleService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  CatalogProcessor,
  CatalogService,
} from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import { subscriptionOfProcess } from '@agentportal/plugin-agents-node';
import { LRUCache } from 'lru-cache';
import {
  type CatalogChangedPayload,
  TOPIC_CATALOG_CHANGED,
} from '@agentportal/plugin-agents-common';

const KINDS = new Set([
  'agent',
  'tool',
  'model',
  'api',
  'system',
  'domain',
  'group',
]);
/** More than a large portal has of these kinds. */
const MAX_KNOWN = 100_000;
const ROUND_MS = 2_000;
/** So that a round holds up neither the catalog nor this process. */
const PER_ROUND = 500;
/** What has not become readable by then has gone, or others have changed it. */
const MAX_ROUNDS = 60;

/** What is told, with what only announcers need. */
interface Announced extends CatalogChangedPayload {
  /** Of each entity, in the order of their refs. */
  hashes?: string[];
}

/**
 * Tells the other plugins of the portal that entities have come or changed, so
 * that they need not ask the catalog again and again. What it sees is not yet
 * what the catalog shows, so it tells of an entity when that can be read. It
 * changes nothing.
 */
export async function changeAnnouncer(options: {
  auth: AuthService;
  catalog: CatalogService;
  events: EventsService;
  lifecycle: LifecycleService;
  logger: LoggerService;
}): Promise<CatalogProcessor> {
  const { auth, catalog, events, lifecycle, logger } = options;
  // In memory, as the catalog's own cache costs a transaction per entity. After
  // a start everything is told once more.
  const known = new LRUCache<string, string>({ max: MAX_KNOWN });
  const waiting = new Map<string, { hash: string; rounds: number }>();
  let timer: NodeJS.Timeout | undefined;
  let ending = false;
  // Who asks again and again keeps the connection open that the web server waits for.
  lifecycle.addShutdownHook(() => {
    ending = true;
    clearTimeout(timer);
  });

  function schedule() {
    if (ending) {
      return;
    }
    timer ??= setTimeout(async () => {
      try {
        await announce();
      } catch (error) {
        logger.debug('Cannot tell yet what has changed', toError(error));
      }
      timer = undefined;
      if (waiting.size) {
        schedule();
      }
    }, ROUND_MS).unref();
  }

  async function announce() {
    const batch = [...waiting].slice(0, PER_ROUND);
    const { items } = await catalog.getEntitiesByRefs(
      { entityRefs: batch.map(([ref]) => ref) },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    const entityRefs: string[] = [];
    const hashes: string[] = [];
    batch.forEach(([ref, wanted], index) => {
      // It may have changed again while it was read.
      if (waiting.get(ref) !== wanted) {
        return;
      }
      const entity = items[index];
      waiting.delete(ref);
      if (
        (entity && hashOf(entity) === wanted.hash) ||
        ++wanted.rounds >= MAX_ROUNDS
      ) {
        entityRefs.push(ref);
        hashes.push(wanted.hash);
      } else {
        waiting.set(ref, wanted); // Behind the others.
      }
    });
    if (entityRefs.length) {
      const eventPayload: Announced = { entityRefs, hashes };
      await events.publish({ topic: TOPIC_CATALOG_CHANGED, eventPayload });
    }
  }

  // What another process told of is no news here, and if it is taken back that is.
  await events.subscribe({
    id: subscriptionOfProcess('agentportal-change-announcer'),
    topics: [TOPIC_CATALOG_CHANGED],
    onEvent: async ({ eventPayload }) => {
      const { entityRefs, hashes } = eventPayload as Announced;
      hashes?.forEach((hash, index) => known.set(entityRefs[index], hash));
    },
  });

  return {
    getProcessorName: () => 'agentportal-change-announcer',
    async postProcessEntity(entity) {
      if (KINDS.has(entity.kind.toLocaleLowerCase('en-US'))) {
        const ref = stringifyEntityRef(entity);
        const hash = hashOf(entity);
        if (known.get(ref) !== hash) {
          known.set(ref, hash);
          waiting.set(ref, { hash, rounds: 0 });
          schedule();
        }
      }
      return entity;
    },
  };
}

/** Of what an entity says, without what the catalog adds to it. */
function hashOf({ metadata, spec }: Entity): string {
  const { uid, etag, generation, ...said } = metadata;
  return createHash('sha256')
    .update(JSON.stringify([Object.entries(said).sort(), spec]))
    .digest('base64url');
}

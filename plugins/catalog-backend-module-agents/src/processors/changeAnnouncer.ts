import { createHash } from 'node:crypto';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { CatalogProcessor } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
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
/** By then what was processed can be read. */
const DELAY_MS = 2_000;

/**
 * Tells the other plugins of the portal that entities have come or changed, so
 * that they need not ask the catalog again and again. It looks at the entity
 * as it was read, and changes nothing.
 */
export function changeAnnouncer(options: {
  events: EventsService;
  logger: LoggerService;
  delayMs?: number;
}): CatalogProcessor {
  const { events, logger, delayMs = DELAY_MS } = options;
  // In memory, as the catalog's own cache costs a transaction per entity. After
  // a start everything is told once more.
  const known = new LRUCache<string, string>({ max: MAX_KNOWN });
  const changed = new Set<string>();

  async function announce() {
    const eventPayload: CatalogChangedPayload = { entityRefs: [...changed] };
    changed.clear();
    try {
      await events.publish({ topic: TOPIC_CATALOG_CHANGED, eventPayload });
    } catch (error) {
      logger.warn(
        'Could not tell other plugins what has changed in the catalog; they find out within minutes',
        toError(error),
      );
    }
  }

  return {
    getProcessorName: () => 'agentportal-change-announcer',
    async postProcessEntity(entity) {
      if (!KINDS.has(entity.kind.toLocaleLowerCase('en-US'))) {
        return entity;
      }
      const ref = stringifyEntityRef(entity);
      const hash = createHash('sha256')
        .update(JSON.stringify(entity))
        .digest('base64url');
      if (known.get(ref) !== hash) {
        known.set(ref, hash);
        if (!changed.size) {
          setTimeout(announce, delayMs).unref();
        }
        changed.add(ref);
      }
      return entity;
    },
  };
}

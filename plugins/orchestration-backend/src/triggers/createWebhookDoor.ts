import {
  AuthenticationError,
  ConflictError,
  InputError,
} from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import express, { type Router } from 'express';
import { LRUCache } from 'lru-cache';
import {
  TooManyRequestsError,
  tellWhenToTryAgain,
} from '../TooManyRequestsError';
import { passes } from './TriggerEvent';
import { firingOf } from './TriggerSources';
import type { TriggerStore } from './TriggerStore';
import type { WebhookSecrets } from './WebhookSecrets';

/** Where it lies under the plugin; who calls it has no account here. */
export const WEBHOOKS_PATH = '/webhooks';
const MAX_BODY = '256kb';
const PER_MINUTE = 120;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The door for other systems. Whoever has no secret of a trigger learns nothing: neither
 * whether it is there, nor whether its agent is. A message that comes twice, by its
 * `webhook-id`, starts one run.
 */
export function createWebhookDoor(options: {
  store: TriggerStore;
  secrets: WebhookSecrets;
  /** Told when a run is to be started. */
  onFiring: () => void;
}): Router {
  const { store, secrets, onFiring } = options;
  const counted = new LRUCache<string, { count: number }>({
    max: 10_000,
    ttl: 60_000,
  });
  const isTooMuch = (key: string) => {
    const entry = counted.get(key) ?? { count: 0 };
    if (!entry.count++) {
      counted.set(key, entry);
    }
    return entry.count > PER_MINUTE;
  };
  const router = express.Router();
  router.post(
    '/:id',
    (request, _response, next) => {
      if (isTooMuch(`${request.params.id} ${request.ip}`)) {
        throw new TooManyRequestsError(
          `More than ${PER_MINUTE} messages a minute. Try again in a minute.`,
          60,
        );
      }
      next();
    },
    express.raw({ type: () => true, limit: MAX_BODY }),
    async (request, response, next) => {
      try {
        const now = Date.now();
        const body = Buffer.isBuffer(request.body)
          ? request.body
          : Buffer.alloc(0);
        const id = ID.test(request.params.id) ? request.params.id : undefined;
        const trigger = id && (await store.get(id));
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([k, v]) => [k, String(v)]),
        );
        const messageId = headers['webhook-id'] ?? '';
        const signed = await secrets.verify(
          trigger ? trigger.id : undefined,
          body,
          headers,
          now,
        );
        if (!signed || !trigger || trigger.declared.type !== 'webhook') {
          throw new AuthenticationError(
            'The signature is not right. Sign the raw body as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature) with the secret of the trigger, at most five minutes ago.',
          );
        }
        if (!/^[!-~]{1,200}$/.test(messageId)) {
          throw new InputError(
            'webhook-id must have 1 to 200 printable characters without spaces.',
          );
        }
        const event = { id: messageId, body: parse(body) };
        if (trigger.state !== 'active') {
          throw new ConflictError(
            `The trigger ${trigger.name} is ${trigger.state}. Its owner can resume it on the page of ${trigger.agent_ref}.`,
          );
        }
        if (!passes(event, trigger.declared.filter)) {
          response.status(202).json({ status: 'ignored' });
          return;
        }
        const firing = await store.firings.enqueue(
          trigger.id,
          firingOf(trigger, `webhook ${messageId}`, event, {
            cause: messageId,
            ...signed,
          }),
          now,
        );
        if (firing.isNew && firing.status === 'skipped') {
          // Its sender tries again, and is heard then.
          await store.firings.forget(firing.id);
          throw new TooManyRequestsError(
            `Too many messages wait for the trigger ${trigger.name}. Try again in a minute.`,
            60,
          );
        }
        onFiring();
        response.status(202).json({
          status: firing.isNew ? 'accepted' : 'duplicate',
          runId: firing.id,
        });
      } catch (error) {
        next(error);
      }
    },
  );
  return router.use(tellWhenToTryAgain);
}

function parse(body: Buffer): JsonObject {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new InputError('The body is no JSON. Send one JSON value.');
  }
}

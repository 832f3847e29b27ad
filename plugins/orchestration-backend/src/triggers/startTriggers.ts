import {
  isAgentEntity,
  TOPIC_CATALOG_CHANGED,
  validateAgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  type AgentIdentities,
  originOf,
  OwnerNotices,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  HttpRouterService,
  LoggerService,
  PermissionsService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { stringifyError, toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EventsService } from '@backstage/plugin-events-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { JsonObject } from '@backstage/types';
import express from 'express';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { KeyRing } from '../checkpoints/KeyRing';
import type { OrchestrationConfig } from '../config';
import type { DefaultRuns } from '../runs/DefaultRuns';
import { createWebhookDoor, WEBHOOKS_PATH } from './createWebhookDoor';
import { TriggerDispatcher } from './TriggerDispatcher';
import { passes } from './TriggerEvent';
import { Triggers } from './Triggers';
import { firingOf, firstLook, TriggerSources } from './TriggerSources';
import { TriggerStore } from './TriggerStore';
import { WebhookSecrets } from './WebhookSecrets';

/** Only such agents have triggers: nobody is there for whom another one would act. */
const OWN = { kind: 'Agent', 'spec.identity': 'own' };
const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'relations'];

/**
 * Puts triggers to work. Every process looks every two seconds, which costs two queries;
 * rows say who does what.
 */
export async function startTriggers(options: {
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  config: OrchestrationConfig;
  discovery: DiscoveryService;
  events: EventsService;
  httpRouter: HttpRouterService;
  identities: AgentIdentities;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  runs: DefaultRuns;
  scheduler: SchedulerService;
}): Promise<Triggers> {
  const { auth, config, events, httpRouter, knex, logger, runs, scheduler } =
    options;
  const { eventTopics } = config.triggers;
  const store = new TriggerStore(knex);
  const secrets = new WebhookSecrets({
    knex,
    keys: new KeyRing(config.checkpoints.keys),
  });
  const dispatcher = new TriggerDispatcher({
    store,
    logger,
    notices: new OwnerNotices(options),
    runs: {
      startInOwnName: async run => {
        await runs.startInOwnName(run, {
          credentials: await auth.getOwnServiceCredentials(),
        });
        const event = await options.auditor.createEvent({
          eventId: 'run-create',
          severityLevel: 'medium',
          meta: {
            agentRef: run.agentRef,
            caller: run.agentRef,
            startedBy: run.startedBy,
          },
        });
        await event.success({ meta: { runId: run.id } });
      },
      stop: runId => runs.cancel(runId),
    },
  });
  const sources = new TriggerSources({ ...options, store, dispatcher });
  const read = { ...options, eventTopics, store };

  let again = false;
  let turns: Promise<void> | undefined;
  const wake = () => {
    again = true;
    turns ??= (async () => {
      while (again) {
        again = false;
        try {
          await sources.look(Date.now());
          await dispatcher.dispatch(Date.now());
        } catch (error) {
          logger.error('Triggers could not be looked at', toError(error));
        }
      }
      turns = undefined;
    })();
    return turns;
  };

  await scheduler.scheduleTask({
    id: 'wake-triggers',
    frequency: { seconds: 2 },
    timeout: { minutes: 5 },
    scope: 'local',
    fn: wake,
  });
  await scheduler.scheduleTask({
    id: 'read-triggers',
    frequency: { minutes: 1 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: signal => readTriggers(read, signal),
  });
  // What one process does about events, all see in the database.
  await events.subscribe({
    id: 'triggers-catalog',
    topics: [TOPIC_CATALOG_CHANGED],
    onEvent: async () => {
      await readTriggers(read);
      await store.hurry('catalog', Date.now());
      await wake();
    },
  });
  if (eventTopics.length) {
    await events.subscribe({
      id: 'triggers-events',
      topics: eventTopics,
      onEvent: async ({ topic, eventPayload }) => {
        const event = { topic, payload: eventPayload } as JsonObject;
        for (const trigger of await store.active(['event'])) {
          const { declared } = trigger;
          if (
            declared.type === 'event' &&
            declared.topic === topic &&
            passes(event, declared.filter)
          ) {
            const firing = firingOf(trigger, `event ${randomUUID()}`, event, {
              cause: topic,
            });
            await store.firings.enqueue(trigger.id, firing, Date.now());
          }
        }
        await wake();
      },
    });
  }
  httpRouter.addAuthPolicy({ path: WEBHOOKS_PATH, allow: 'unauthenticated' });
  httpRouter.use(
    express
      .Router()
      .use(
        WEBHOOKS_PATH,
        createWebhookDoor({ store, secrets, onFiring: wake }),
      ),
  );
  return new Triggers({ ...options, secrets, store, onFiring: wake });
}

/** Makes the table say what the catalog says; a catalog that fails says nothing. */
async function readTriggers(
  options: {
    auth: AuthService;
    catalog: CatalogService;
    eventTopics: string[];
    logger: LoggerService;
    store: TriggerStore;
  },
  signal?: AbortSignal,
): Promise<void> {
  const { auth, catalog, logger, store } = options;
  const now = Date.now();
  const pages = catalog.streamEntities(
    { filter: OWN, fields: FIELDS, pageSize: 200 },
    { credentials: await auth.getOwnServiceCredentials() },
  );
  const seen: string[] = [];
  for await (const page of pages) {
    for (const entity of page) {
      const ref = stringifyEntityRef(entity);
      seen.push(ref);
      try {
        const triggers = triggersOf(entity, options.eventTopics);
        await store.declare(
          {
            ref,
            ownerRef: ownerOf(entity),
            origin: originOf(entity) ?? '',
            triggers,
          },
          // Others may not act in their own name, and need not try.
          trigger =>
            entity.spec?.lifecycle === 'production'
              ? firstLook(trigger, now)
              : null,
          now,
        );
      } catch (error) {
        logger.warn(
          `The triggers of ${ref} stay as they were: ${stringifyError(error)}`,
        );
      }
    }
    signal?.throwIfAborted();
  }
  await store.forgetOthers(seen, now);
  await store.clean(now);
}

/** @throws InputError for what the catalog took in before it was checked */
function triggersOf(entity: Entity, eventTopics: string[]) {
  validateAgentEntity(entity);
  const triggers = isAgentEntity(entity) ? entity.spec.triggers ?? [] : [];
  return triggers.filter(
    trigger => trigger.type !== 'event' || eventTopics.includes(trigger.topic),
  );
}

function ownerOf({ relations, spec }: Entity): string {
  const owner = relations?.find(({ type }) => type === RELATION_OWNED_BY);
  return owner?.targetRef ?? String(spec?.owner);
}

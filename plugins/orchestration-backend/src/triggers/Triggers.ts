import {
  type AgentIdentities,
  principalNameOf,
} from '@agentportal/plugin-agents-node';
import {
  type Firing,
  type FiringList,
  type Trigger,
  type TriggerList,
  triggerManagePermission,
  type WebhookSecret,
} from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  DiscoveryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  NotAllowedError,
  NotFoundError,
  toError,
} from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { randomUUID } from 'node:crypto';
import { normaliseAgentRef } from '../agents/AgentDirectory';
import type { CallContext } from '../runs/Runs';
import { iso } from '../store/rows';
import { WEBHOOKS_PATH } from './createWebhookDoor';
import { firingOf, firstLook } from './TriggerSources';
import type { FiringRow } from './FiringStore';
import type { StoredTrigger, TriggerStore } from './TriggerStore';
import type { WebhookSecrets } from './WebhookSecrets';

interface TriggersOptions {
  auditor: AuditorService;
  catalog: CatalogService;
  discovery: DiscoveryService;
  identities: AgentIdentities;
  permissions: PermissionsService;
  secrets: WebhookSecrets;
  store: TriggerStore;
  onFiring: () => void;
}

/**
 * What people do with triggers. Whoever sees an agent in the catalog sees its triggers,
 * which stand in its file; what changes them needs `orchestration.trigger.manage` on the
 * agent and is told to the auditor.
 */
export class Triggers {
  readonly #o: TriggersOptions;

  constructor(options: TriggersOptions) {
    this.#o = options;
  }

  async list(
    query: { agentRef?: string; limit: number; cursor?: string },
    context: CallContext,
  ): Promise<TriggerList> {
    await this.#refuseAgents(context);
    const { items, nextCursor } = await this.#o.store.page(
      {
        ...(query.agentRef && { agentRef: normaliseAgentRef(query.agentRef) }),
      },
      query,
    );
    return {
      items: await this.#describe(await this.#readable(items, context)),
      ...(nextCursor && { nextCursor }),
    };
  }

  async firings(
    id: string,
    page: { limit: number; cursor?: string },
    context: CallContext,
  ): Promise<FiringList> {
    await this.#refuseAgents(context);
    await this.#require(id, context);
    const { rows, nextCursor } = await this.#o.store.firings.page(id, page);
    return { items: rows.map(toFiring), ...(nextCursor && { nextCursor }) };
  }

  pause(
    id: string,
    reason: string | undefined,
    context: CallContext,
  ): Promise<Trigger> {
    return this.#manage('trigger-pause', id, context, async (_, by, now) => {
      await this.#o.store.setState(id, 'paused', { reason, by }, now);
    });
  }

  resume(id: string, context: CallContext): Promise<Trigger> {
    return this.#manage('trigger-resume', id, context, async (t, by, now) => {
      const nextAt = firstLook(t.declared, now);
      await this.#o.store.setState(id, 'active', { by, nextAt }, now);
    });
  }

  /** Starts a run as if there were a reason to. */
  async fire(id: string, context: CallContext): Promise<{ runId: string }> {
    let runId = '';
    await this.#manage('trigger-fire', id, context, async (t, by, now) => {
      requireActive(t);
      const event = { time: new Date(now).toISOString(), firedBy: by };
      const firing = firingOf(t, `hand ${randomUUID()}`, event, {
        firedBy: by,
      });
      ({ id: runId } = await this.#o.store.firings.enqueue(id, firing, now));
      this.#o.onFiring();
    });
    return { runId };
  }

  async makeSecret(id: string, context: CallContext): Promise<WebhookSecret> {
    let made: Awaited<ReturnType<WebhookSecrets['make']>>;
    const { webhookUrl } = await this.#manage(
      'trigger-secret',
      id,
      context,
      async ({ declared, name }, by, now) => {
        if (declared.type !== 'webhook') {
          throw new ConflictError(
            `${name} is no webhook, so nobody signs anything for it.`,
          );
        }
        made = await this.#o.secrets.make(id, by, now);
      },
    );
    return { ...made!, url: webhookUrl! };
  }

  async #manage(
    eventId: string,
    id: string,
    context: CallContext,
    act: (trigger: StoredTrigger, by: string, now: number) => Promise<void>,
  ): Promise<Trigger> {
    await this.#refuseAgents(context);
    const trigger = await this.#require(id, context);
    const by = principalNameOf(context.credentials) ?? '';
    const event = await this.#o.auditor.createEvent({
      eventId,
      severityLevel: 'medium',
      meta: {
        triggerId: id,
        name: trigger.name,
        agentRef: trigger.agent_ref,
        by,
      },
    });
    try {
      const [{ result }] = await this.#o.permissions.authorize(
        [
          {
            permission: triggerManagePermission,
            resourceRef: trigger.agent_ref,
          },
        ],
        { credentials: context.credentials },
      );
      if (result !== AuthorizeResult.ALLOW) {
        throw new NotAllowedError(
          `The triggers of ${trigger.agent_ref} are for its owner, ${trigger.owner_ref}, to manage.`,
        );
      }
      await act(trigger, by, Date.now());
      await event.success();
    } catch (error) {
      await event.fail({ error: toError(error) });
      throw error;
    }
    const [after] = await this.#describe([await this.#require(id, context)]);
    return after;
  }

  async #require(id: string, context: CallContext): Promise<StoredTrigger> {
    const trigger = await this.#o.store.get(id);
    const [readable] = await this.#readable(trigger ? [trigger] : [], context);
    if (!readable) {
      throw new NotFoundError(
        `There is no trigger ${id}, or you may not see its agent.`,
      );
    }
    return readable;
  }

  async #describe(triggers: StoredTrigger[]): Promise<Trigger[]> {
    const ids = triggers.map(({ id }) => id);
    const [latest, withSecret, baseUrl] = await Promise.all([
      this.#o.store.firings.latest(ids),
      this.#o.secrets.madeFor(ids),
      this.#o.discovery.getExternalBaseUrl('orchestration'),
    ]);
    return triggers.map(trigger =>
      toTrigger(trigger, latest.get(trigger.id), {
        hasSecret: withSecret.has(trigger.id),
        baseUrl,
      }),
    );
  }

  async #readable(
    triggers: StoredTrigger[],
    { credentials }: CallContext,
  ): Promise<StoredTrigger[]> {
    const entityRefs = [...new Set(triggers.map(each => each.agent_ref))];
    const { items } = await this.#o.catalog.getEntitiesByRefs(
      { entityRefs, fields: ['kind'] },
      { credentials },
    );
    const seen = new Set(entityRefs.filter((_, i) => items[i]));
    return triggers.filter(each => seen.has(each.agent_ref));
  }

  async #refuseAgents({ credentials }: CallContext): Promise<void> {
    const party = await this.#o.identities.resolve(credentials);
    if (party.type === 'agent') {
      throw new NotAllowedError(
        'Agents do nothing with triggers, their own neither. Let a person do it.',
      );
    }
  }
}

function requireActive({ name, state }: StoredTrigger): void {
  if (state !== 'active') {
    throw new ConflictError(
      `${name} is ${state}. Resume it before you let it start a run.`,
    );
  }
}

function toTrigger(
  trigger: StoredTrigger,
  latest: FiringRow | undefined,
  web: { hasSecret: boolean; baseUrl: string },
): Trigger {
  return {
    id: trigger.id,
    agentRef: trigger.agent_ref,
    ownerRef: trigger.owner_ref,
    name: trigger.name,
    type: trigger.type,
    declared: trigger.declared,
    state: trigger.state as Trigger['state'],
    ...(trigger.state_reason && { stateReason: trigger.state_reason }),
    ...(trigger.state_by && { stateBy: trigger.state_by }),
    stateAt: iso(trigger.state_at),
    failuresInRow: trigger.failures,
    ...(trigger.state === 'active' &&
      trigger.type === 'schedule' &&
      trigger.next_at !== null && { nextAt: iso(trigger.next_at) }),
    ...(latest && { latest: toFiring(latest) }),
    ...(trigger.type === 'webhook' && {
      webhookUrl: `${web.baseUrl}${WEBHOOKS_PATH}/${trigger.id}`,
      hasSecret: web.hasSecret,
    }),
  };
}

function toFiring(row: FiringRow): Firing {
  const cause = JSON.parse(row.cause);
  const hasRun = !['waiting', 'refused', 'skipped', 'missed'].includes(
    row.status,
  );
  return {
    id: row.id,
    status: row.status,
    at: iso(row.at),
    ...(row.reason && { reason: row.reason }),
    ...(hasRun && { runId: row.id }),
    ...(cause.cause && { cause: cause.cause }),
    ...(cause.firedBy && { firedBy: cause.firedBy }),
  };
}

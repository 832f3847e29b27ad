import {
  type AgentTrigger,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import type { RunStart } from '@agentportal/plugin-orchestration-common';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { JsonObject } from '@backstage/types';
import { hash } from 'node:crypto';
import { DAY_MS } from '../config';
import { dueTimes, nextTime, type ScheduleTrigger } from './dueTimes';
import { messageOf } from './TriggerEvent';
import type { TriggerDispatcher } from './TriggerDispatcher';
import type { NewFiring } from './FiringStore';
import type { StoredTrigger, TriggerStore } from './TriggerStore';

const LOOK_AGAIN_MS = { run: 10_000, catalog: 60_000, threshold: 300_000 };
/** Runs may become visible a moment later than they ended. */
const OVERLAP_MS = 60_000;
const PER_LOOK = 200;
const MAX_ENTITIES = 2_000;
/** Runs that start runs that start runs: further it is a circle more likely than work. */
const MAX_DEPTH = 5;
const FIELDS = ['kind', 'metadata', 'spec'];

type Of<T extends AgentTrigger['type']> = StoredTrigger & {
  declared: Extract<AgentTrigger, { type: T }>;
};

/** When a trigger is due first, or looks first; webhooks and events come by themselves. */
export function firstLook(trigger: AgentTrigger, now: number): number | null {
  switch (trigger.type) {
    case 'schedule':
      return nextTime(trigger, now);
    case 'webhook':
    case 'event':
      return null;
    default:
      return now;
  }
}

/**
 * Looks whether triggers have a reason to start runs, where that can be asked: the clock,
 * the catalog, runs, figures. What one process has seen, no other one sees again.
 */
export class TriggerSources {
  readonly #store: TriggerStore;
  readonly #dispatcher: TriggerDispatcher;
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;

  constructor(options: {
    store: TriggerStore;
    dispatcher: TriggerDispatcher;
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#dispatcher = options.dispatcher;
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
  }

  async look(now: number): Promise<void> {
    for (const trigger of await this.#store.due(now)) {
      try {
        await this.#lookAt(trigger, now);
      } catch (error) {
        this.#logger.warn(
          `The trigger ${trigger.name} of ${trigger.agent_ref} could not look, and tries again`,
          toError(error),
        );
      }
    }
  }

  async #lookAt(trigger: StoredTrigger, now: number): Promise<void> {
    switch (trigger.declared.type) {
      case 'schedule':
        return this.#clock(trigger as Of<'schedule'>, now);
      case 'run':
        return this.#runs(trigger as Of<'run'>, now);
      case 'catalog':
        return this.#entities(trigger as Of<'catalog'>, now);
      case 'threshold':
        return this.#figures(trigger as Of<'threshold'>, now);
      default:
        return undefined;
    }
  }

  async #clock(trigger: Of<'schedule'>, now: number): Promise<void> {
    const declared: ScheduleTrigger = trigger.declared;
    const { fire, missed } = dueTimes(declared, trigger.next_at!, now);
    const firings = fire.map(time => {
      const at = new Date(time).toISOString();
      return firingOf(trigger, `at ${at}`, { time: at }, { cause: at });
    });
    if (missed.length) {
      const [first, last] = [missed[0], missed.at(-1)!].map(time =>
        new Date(time).toISOString(),
      );
      const reason = `${missed.length} ${
        missed.length > 1 ? `times from ${first} to ${last}` : `time, ${first},`
      } passed while the portal was away.`;
      firings.unshift({ key: `missed ${first}`, status: 'missed', reason });
    }
    const nextAt = nextTime(declared, now);
    if (
      (await this.#store.advance(trigger, { nextAt, firings }, now)) &&
      missed.length
    ) {
      await this.#dispatcher.tell(trigger, 'was missed', firings[0].reason!);
    }
  }

  async #runs(trigger: Of<'run'>, now: number): Promise<void> {
    const { agents, outcomes = ['succeeded'] } = trigger.declared;
    const { namespace } = parseEntityRef(trigger.agent_ref);
    const refs = agents.flatMap(
      ref => fullRefOf(ref, 'Agent', namespace) ?? [],
    );
    // A new one starts no runs for what has been.
    const { from } = trigger.cursor
      ? JSON.parse(trigger.cursor)
      : { from: now };
    const rows = await this.#store
      .knex('orchestration_runs')
      .select('id', 'agent_ref', 'status', 'error_name', 'finished_at')
      .select('cost_nano_usd', 'duration_ms', 'started_by')
      .where('finished_at', '>=', from)
      .whereIn('agent_ref', refs)
      .whereIn('status', outcomes)
      .andWhere('agent_owner_ref', trigger.owner_ref)
      // Nothing has come of a rehearsal, so nothing follows it.
      .andWhere('is_rehearsal', false)
      .orderBy(['finished_at', 'id'])
      .limit(PER_LOOK);
    const firings = rows.flatMap(row => {
      const depth =
        1 + ((JSON.parse(row.started_by ?? '{}') as RunStart).depth ?? 0);
      const event = {
        runId: row.id,
        agentRef: row.agent_ref,
        outcome: row.status,
        error: row.error_name ?? '',
        costUsd: Number(row.cost_nano_usd) / 1e9,
        seconds: Number(row.duration_ms ?? 0) / 1_000,
      };
      return depth > MAX_DEPTH
        ? []
        : firingOf(trigger, `run ${row.id}`, event, { cause: row.id, depth });
    });
    const full = rows.length === PER_LOOK;
    const cursor = {
      from: full ? Number(rows.at(-1).finished_at) : now - OVERLAP_MS,
    };
    // Not before it was there, though.
    cursor.from = Math.max(cursor.from, from);
    await this.#store.advance(
      trigger,
      { nextAt: now + (full ? 0 : LOOK_AGAIN_MS.run), cursor, firings },
      now,
    );
  }

  async #entities(trigger: Of<'catalog'>, now: number): Promise<void> {
    const { filter, on = ['added', 'changed', 'removed'] } = trigger.declared;
    const found = new Map<string, { entity: Entity; digest: string }>();
    const pages = this.#catalog.streamEntities(
      { filter, fields: FIELDS, pageSize: 500 },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      for (const entity of page) {
        found.set(stringifyEntityRef(entity), {
          entity,
          digest: digestOf(entity),
        });
      }
      if (found.size > MAX_ENTITIES) {
        const reason = `Its filter matches more than ${MAX_ENTITIES} entities; make it narrower.`;
        await this.#store.setState(trigger.id, 'off', { reason }, now);
        await this.#dispatcher.tell(
          trigger,
          'was switched off',
          reason,
          'high',
        );
        return;
      }
    }
    const { knex } = this.#store;
    const table = 'orchestration_trigger_entities';
    const rows: Array<{ entity_ref: string; digest: string }> = await knex(
      table,
    ).where({ trigger_id: trigger.id });
    const known = new Map(rows.map(row => [row.entity_ref, row.digest]));
    const gone = rows.filter(row => !found.has(row.entity_ref));
    const changed = [...found].filter(
      ([ref, { digest }]) => known.get(ref) !== digest,
    );
    const changes = [
      ...changed.map(([ref, { entity, digest }]) => ({
        ref,
        digest,
        change: known.has(ref) ? 'changed' : 'added',
        title: entity.metadata.title ?? entity.metadata.name,
      })),
      ...gone.map(({ entity_ref: ref, digest }) => ({
        ref,
        digest,
        change: 'removed',
        title: parseEntityRef(ref).name,
      })),
    ] as const;
    // What is there when it looks first is no news.
    const news = trigger.cursor
      ? changes.filter(({ change }) => (on as string[]).includes(change))
      : [];
    await this.#store.advance(
      trigger,
      {
        nextAt: now + LOOK_AGAIN_MS.catalog,
        cursor: { lookedAt: now },
        firings: news.map(({ ref, digest, change, title }) =>
          firingOf(
            trigger,
            // It may come back as it was.
            `${change} ${hash('sha256', `${ref} ${digest} ${now}`)}`,
            { entityRef: ref, change, title },
            { cause: ref },
          ),
        ),
      },
      now,
      async tx => {
        await tx(table)
          .where({ trigger_id: trigger.id })
          .whereIn(
            'entity_ref',
            gone.map(row => row.entity_ref),
          )
          .delete();
        await tx.batchInsert(
          table,
          changed
            .filter(([ref]) => !known.has(ref))
            .map(([ref, { digest }]) => ({
              trigger_id: trigger.id,
              entity_ref: ref,
              digest,
            })),
          200,
        );
        for (const [ref, { digest }] of changed) {
          if (known.has(ref)) {
            await tx(table)
              .where({ trigger_id: trigger.id, entity_ref: ref })
              .update({ digest });
          }
        }
      },
    );
  }

  async #figures(trigger: Of<'threshold'>, now: number): Promise<void> {
    const { days = 1, metric, of = 'agent', over } = trigger.declared;
    const today = Math.floor(now / DAY_MS);
    const sums = await this.#store
      .knex('orchestration_daily_stats')
      .where({ created_by: '', on_behalf_of: '' })
      .andWhere('day', '>', today - days)
      .where(
        of === 'agent'
          ? { agent_ref: trigger.agent_ref }
          : { agent_owner_ref: trigger.owner_ref },
      )
      .sum({ runs: 'runs', failed: 'failed', cost: 'cost_nano_usd' })
      .first();
    const { runs, failed, cost } = Object.fromEntries(
      Object.entries(sums ?? {}).map(([name, sum]) => [name, Number(sum)]),
    );
    const value =
      metric === 'cost' ? cost / 1e9 : runs && (100 * failed) / runs;
    const day = new Date(today * DAY_MS).toISOString().slice(0, 10);
    const event = { metric, value, over, days, runs, failed };
    await this.#store.advance(
      trigger,
      {
        nextAt: now + LOOK_AGAIN_MS.threshold,
        firings:
          value > over
            ? [firingOf(trigger, `over ${day}`, event, { cause: day })]
            : [],
      },
      now,
    );
  }
}

/** What started a run, and who made the secret with which it was signed. */
export type FiringCause = Pick<RunStart, 'cause' | 'depth' | 'firedBy'> & {
  madeBy?: string;
  /** Of {@link wordingOf} when it fired. */
  wording?: string;
};

/** Tells whether a trigger still says the same to its agent. */
export function wordingOf({ declared }: StoredTrigger): string {
  return hash('sha256', declared.message ?? '');
}

/** A reason to start a run, with what the agent will be told. */
export function firingOf(
  trigger: StoredTrigger,
  key: string,
  event: JsonObject,
  cause: FiringCause,
): NewFiring {
  const from = `the ${trigger.type} trigger ${trigger.name}`;
  return {
    key,
    message: messageOf(trigger.declared.message, event, from),
    cause: { ...cause, wording: wordingOf(trigger) },
  };
}

/** Of what an entity says, without what the catalog adds to it. */
function digestOf({ metadata, spec }: Entity): string {
  const { uid, etag, generation, ...said } = metadata;
  return hash('sha256', JSON.stringify([Object.entries(said).sort(), spec]));
}

import {
  type DeliveryList,
  type DeliveryQuery,
  wilsonInterval,
} from '@agentportal/plugin-evals-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import type { VisibleAgents } from '../permissions/visibleAgents';
import {
  type AgentChange,
  type ChangeStore,
  FAILS_WITHIN_MS,
} from './ChangeStore';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DEFAULT_DAYS = 90;

type Figures = DeliveryList['items'][number];

/** How agents in production are changed, by owner. */
export class Delivery {
  readonly #access: EvalsAccess;
  readonly #store: ChangeStore;
  readonly #visible: VisibleAgents;

  constructor(options: {
    access: EvalsAccess;
    store: ChangeStore;
    visible: VisibleAgents;
  }) {
    this.#access = options.access;
    this.#store = options.store;
    this.#visible = options.visible;
  }

  async read(
    credentials: BackstageCredentials,
    query: DeliveryQuery = {},
    now = Date.now(),
  ): Promise<DeliveryList> {
    await this.#access.requireScorecards(credentials);
    const { days = DEFAULT_DAYS, ownerRef, agentRef } = query;
    const visible = await this.#visible(credentials, () =>
      this.#store.agents(),
    );
    const changes = await this.#store.since(
      now - days * DAY_MS,
      {
        ...(ownerRef && { ownerRef: ownerRef.toLowerCase() }),
        ...(agentRef && { agentRef: agentRefOf(agentRef) }),
      },
      visible,
    );
    const byOwner = Map.groupBy(changes, change => change.ownerRef);
    return {
      days,
      items: [...byOwner]
        .map(([owner, own]) => figuresOf(owner, own, days, now))
        .sort(
          (a, b) =>
            b.changes - a.changes || a.ownerRef.localeCompare(b.ownerRef),
        ),
    };
  }
}

/** Figures of some changes; what nobody knows is left out, and not guessed. */
export function figuresOf(
  ownerRef: string,
  changes: AgentChange[],
  days: number,
  now: number,
): Figures {
  const failed = changes.filter(each => each.failedAt !== undefined);
  const undecided = changes.filter(
    each =>
      each.failedAt === undefined && each.inForceAt > now - FAILS_WITHIN_MS,
  );
  // Of the younger ones only the failed are decided, which would be too many of them.
  const decided = changes.filter(
    each => each.inForceAt <= now - FAILS_WITHIN_MS,
  );
  const leads = changes.flatMap(({ proposedAt, inForceAt }) =>
    proposedAt === undefined ? [] : inForceAt - proposedAt,
  );
  const repairs = failed.flatMap(({ failedAt, repairedAt }) =>
    repairedAt === undefined ? [] : repairedAt - failedAt!,
  );
  return {
    ownerRef,
    changes: changes.length,
    perWeek: (changes.length / days) * 7,
    ...(leads.length > 0 && {
      leadTimeHours: {
        p50: hoursAt(leads, 0.5),
        p90: hoursAt(leads, 0.9),
        count: leads.length,
      },
    }),
    failed: failed.length,
    undecided: undecided.length,
    ...(decided.length > 0 && {
      failureRate: wilsonInterval(
        decided.filter(each => each.failedAt !== undefined).length,
        decided.length,
      ),
    }),
    ...(repairs.length > 0 && {
      repairHours: { p50: hoursAt(repairs, 0.5), count: repairs.length },
    }),
  };
}

/** The time that a share of some does not pass, in hours. */
function hoursAt(times: number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] / HOUR_MS;
}

import type { AgentsWithin } from '@agentportal/plugin-agents-node';
import type {
  QualityDays,
  QualityQuery,
} from '@agentportal/plugin-evals-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import type { VisibleAgents } from '../permissions/visibleAgents';
import type { ScorecardStore } from './ScorecardStore';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;

type Day = QualityDays['items'][number];

const NOTHING = { right: 0, wrong: 0, up: 0, down: 0 };

/** How good answers of agents were, by UTC day: from sums that are kept anyway, for who may see their scorecards. */
export class Quality {
  readonly #o: {
    access: EvalsAccess;
    knex: Knex;
    store: Pick<ScorecardStore, 'agents' | 'agentsOf'>;
    visible: VisibleAgents;
    within: Pick<AgentsWithin, 'of'>;
  };

  constructor(options: {
    access: EvalsAccess;
    knex: Knex;
    store: Pick<ScorecardStore, 'agents' | 'agentsOf'>;
    visible: VisibleAgents;
    within: Pick<AgentsWithin, 'of'>;
  }) {
    this.#o = options;
  }

  /** @throws InputError when the time is none, or a part of the company is not known or too large */
  async read(
    credentials: BackstageCredentials,
    query: QualityQuery = {},
    now = Date.now(),
  ): Promise<QualityDays> {
    const { access, store, visible } = this.#o;
    await access.requireScorecards(credentials);
    const last = dayOf(query.to, now);
    const first = dayOf(query.from, (last - DEFAULT_DAYS + 1) * DAY_MS);
    if (first > last || last - first >= MOST_DAYS) {
      throw new InputError(
        `Ask for a time of ${MOST_DAYS} days at most that begins before it ends.`,
      );
    }
    const asked = await this.#asked(credentials, query);
    const seen = await visible(
      credentials,
      async () => asked ?? (await store.agents()),
    );
    return { items: await this.#days(first, last, seen ?? asked) };
  }

  /** Of which agents; undefined is of all. */
  async #asked(
    credentials: BackstageCredentials,
    { agentRef, ownerRef, withinRef }: QualityQuery,
  ): Promise<string[] | undefined> {
    const { store, within } = this.#o;
    const lists: string[][] = [];
    if (agentRef) {
      lists.push([agentRefOf(agentRef)]);
    }
    if (ownerRef) {
      lists.push(await store.agentsOf([ownerRef.toLowerCase()]));
    }
    if (withinRef) {
      const found = await within.of(withinRef.toLowerCase(), credentials);
      lists.push(
        'agents' in found ? found.agents : await store.agentsOf(found.owners),
      );
    }
    return lists.length
      ? lists.reduce((all, list) => {
          const others = new Set(list);
          return all.filter(ref => others.has(ref));
        })
      : undefined;
  }

  async #days(
    first: number,
    last: number,
    agentRefs: string[] | undefined,
  ): Promise<Day[]> {
    if (agentRefs?.length === 0) {
      return [];
    }
    const { knex } = this.#o;
    const among = (rows: Knex.QueryBuilder) => {
      if (agentRefs) {
        rows.whereIn('agent_ref', agentRefs);
      }
    };
    const [rated, evaluated] = await Promise.all([
      knex('evals_feedback_days')
        .whereBetween('day', [first, last])
        .modify(among)
        .groupBy('day')
        .select('day')
        .sum({ up: 'up', down: 'down' }),
      knex('evals_evaluations')
        .whereBetween('created_at', [first * DAY_MS, (last + 1) * DAY_MS - 1])
        .where({ status: 'completed' })
        // What was only tried says nothing of what people got.
        .whereNull('candidate')
        .modify(among)
        // Whole numbers, so that the day is one.
        .groupByRaw(`created_at / ${DAY_MS}`)
        .select(knex.raw(`created_at / ${DAY_MS} as day`))
        .sum({ right: 'passed', wrong: 'failed' }),
    ]);
    const days = new Map<number, Omit<Day, 'day'>>();
    for (const { day, ...sums } of [...rated, ...evaluated]) {
      const before = days.get(Number(day)) ?? NOTHING;
      const numbers = Object.entries(sums).map(([key, sum]) => [
        key,
        Number(sum),
      ]);
      days.set(Number(day), { ...before, ...Object.fromEntries(numbers) });
    }
    return [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, sums]) => ({
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        ...sums,
      }));
  }
}

function dayOf(time: string | undefined, otherwise: number): number {
  const at = time === undefined ? otherwise : Date.parse(time);
  if (!Number.isFinite(at)) {
    throw new InputError(
      `"${time}" is no time. Write one such as 2026-11-29T00:00:00Z.`,
    );
  }
  return Math.floor(at / DAY_MS);
}

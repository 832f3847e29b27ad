import type { AgentStats } from '@agentportal/plugin-orchestration-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { iso } from './rows';
import { type RunFilter, whereRunAllowed } from './runFilter';

const DAY_MS = 86_400_000;

/** Figures over the runs of agents. */
export class StatsStore {
  readonly #knex: Knex;

  static create(options: { knex: Knex }): StatsStore {
    return new StatsStore(options.knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** One item for each ref, in the order asked for, over whole UTC days. */
  async read(query: {
    agentRefs: string[];
    days: number;
    now?: number;
    allowed?: PermissionCriteria<RunFilter>;
  }): Promise<AgentStats[]> {
    const today = Math.floor((query.now ?? Date.now()) / DAY_MS);
    const firstDay = today - query.days + 1;
    const [daily, medians] = await Promise.all([
      this.#daily(query.agentRefs, firstDay, query.allowed),
      this.#medians(query.agentRefs, firstDay, query.allowed),
    ]);
    return query.agentRefs.map(agentRef => {
      const rows = daily.filter(row => row.agent_ref === agentRef);
      const sum = (pick: (row: DailyRow) => number | string) =>
        rows.reduce((total, row) => total + Number(pick(row)), 0);
      const lastRunAt = Math.max(0, ...rows.map(row => Number(row.last_at)));
      return {
        agentRef,
        runs: sum(row => row.runs),
        succeeded: sum(row => row.succeeded),
        failed: sum(row => row.failed),
        ...(medians.has(agentRef)
          ? { medianDurationMs: medians.get(agentRef) }
          : {}),
        costNanoUsd: sum(row => row.cost),
        ...(lastRunAt ? { lastRunAt: iso(lastRunAt) } : {}),
        daily: Array.from({ length: query.days }, (_, i) => {
          const row = rows.find(r => Number(r.day) === firstDay + i);
          return {
            day: iso((firstDay + i) * DAY_MS).slice(0, 10),
            runs: Number(row?.runs ?? 0),
            failed: Number(row?.failed ?? 0),
          };
        }),
      };
    });
  }

  async #daily(
    agentRefs: string[],
    firstDay: number,
    allowed?: PermissionCriteria<RunFilter>,
  ): Promise<DailyRow[]> {
    const select = this.#recent(agentRefs, firstDay, allowed)
      .select(
        'agent_ref',
        this.#knex.raw(`created_at / ${DAY_MS} as day`),
        this.#knex.raw('COUNT(*) as runs'),
        this.#knex.raw(
          `SUM(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END) as succeeded`,
        ),
        this.#knex.raw(
          `SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) as failed`,
        ),
        this.#knex.raw('SUM(cost_nano_usd) as cost'),
        this.#knex.raw('MAX(created_at) as last_at'),
      )
      .groupBy('agent_ref', this.#knex.raw(`created_at / ${DAY_MS}`));
    return select as unknown as Promise<DailyRow[]>;
  }

  /** The middle duration, or the mean of the two in the middle, by agent. */
  async #medians(
    agentRefs: string[],
    firstDay: number,
    allowed?: PermissionCriteria<RunFilter>,
  ): Promise<Map<string, number>> {
    const ranked = this.#recent(agentRefs, firstDay, allowed)
      .whereNotNull('duration_ms')
      .select(
        'agent_ref',
        'duration_ms',
        this.#knex.raw(
          'ROW_NUMBER() OVER (PARTITION BY agent_ref ORDER BY duration_ms) as place',
        ),
        this.#knex.raw('COUNT(*) OVER (PARTITION BY agent_ref) as total'),
      )
      .as('ranked');
    const rows = (await this.#knex
      .from(ranked)
      .whereRaw('place IN ((total + 1) / 2, (total + 2) / 2)')
      .groupBy('agent_ref')
      .select('agent_ref')
      .avg({ median: 'duration_ms' })) as Array<{
      agent_ref: string;
      median: number | string;
    }>;
    return new Map(
      rows.map(row => [row.agent_ref, Math.round(Number(row.median))]),
    );
  }

  #recent(
    agentRefs: string[],
    firstDay: number,
    allowed?: PermissionCriteria<RunFilter>,
  ): Knex.QueryBuilder {
    const select = this.#knex('orchestration_runs')
      .whereIn('agent_ref', agentRefs)
      .andWhere('created_at', '>=', firstDay * DAY_MS);
    whereRunAllowed(select, allowed);
    return select;
  }
}

interface DailyRow {
  agent_ref: string;
  day: number | string;
  runs: number | string;
  succeeded: number | string;
  failed: number | string;
  cost: number | string;
  last_at: number | string;
}

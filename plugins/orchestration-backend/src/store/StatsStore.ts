import type { AgentStats } from '@agentportal/plugin-orchestration-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { iso, type RunRow } from './rows';
import { type RunFilter, whereRunAllowed } from './runFilter';

const DAY_MS = 86_400_000;
/** Durations are counted on a scale whose steps are some 9 % apart. */
const BUCKETS_PER_DOUBLING = 8;
/** Bucket of what has no duration: starts, and runs that ended in the queue. */
const NO_DURATION = -1;

const KEY = [
  'agent_ref',
  'day',
  'created_by',
  'on_behalf_of',
  'agent_owner_ref',
  'duration_bucket',
];
const SUMS = ['runs', 'succeeded', 'failed', 'cancelled', 'cost_nano_usd'];

type CountedRun = Pick<
  RunRow,
  'agent_ref' | 'created_by' | 'on_behalf_of' | 'agent_owner_ref' | 'created_at'
>;

/**
 * Adds to the figures of the day on which a run was asked for, in the
 * transaction that writes the run: nothing is ever counted by a scan.
 */
export async function addToDay(
  tx: Knex.Transaction,
  run: CountedRun,
  change: Partial<Record<(typeof SUMS)[number], number>>,
  durationMs?: number,
): Promise<void> {
  const table = 'orchestration_daily_stats';
  await tx(table)
    .insert({
      agent_ref: run.agent_ref,
      day: Math.floor(Number(run.created_at) / DAY_MS),
      created_by: run.created_by,
      on_behalf_of: run.on_behalf_of ?? '',
      agent_owner_ref: run.agent_owner_ref ?? '',
      duration_bucket: bucketOf(durationMs),
      ...Object.fromEntries(SUMS.map(sum => [sum, change[sum] ?? 0])),
      last_at: run.created_at,
    })
    .onConflict(KEY)
    .merge({
      ...Object.fromEntries(
        SUMS.map(sum => [sum, tx.raw(`${table}.${sum} + excluded.${sum}`)]),
      ),
      last_at: tx.raw(
        `CASE WHEN excluded.last_at > ${table}.last_at THEN excluded.last_at ELSE ${table}.last_at END`,
      ),
    });
}

/** Figures over the runs of agents. */
export class StatsStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
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
    const select = this.#knex('orchestration_daily_stats')
      .whereIn('agent_ref', query.agentRefs)
      .andWhere('day', '>=', firstDay)
      .select('agent_ref', 'day', 'duration_bucket')
      .sum(Object.fromEntries(SUMS.map(sum => [sum, sum])))
      .max({ last_at: 'last_at' })
      .groupBy('agent_ref', 'day', 'duration_bucket');
    whereRunAllowed(select, query.allowed);
    const all = (await select) as StatsRow[];
    return query.agentRefs.map(agentRef => {
      const rows = all.filter(row => row.agent_ref === agentRef);
      const lastRunAt = Math.max(0, ...rows.map(row => Number(row.last_at)));
      const median = medianOf(rows);
      return {
        agentRef,
        runs: total(rows, 'runs'),
        succeeded: total(rows, 'succeeded'),
        failed: total(rows, 'failed'),
        ...(median === undefined ? {} : { medianDurationMs: median }),
        costNanoUsd: total(rows, 'cost_nano_usd'),
        ...(lastRunAt ? { lastRunAt: iso(lastRunAt) } : {}),
        daily: Array.from({ length: query.days }, (_, i) => {
          const ofDay = rows.filter(row => Number(row.day) === firstDay + i);
          return {
            day: iso((firstDay + i) * DAY_MS).slice(0, 10),
            runs: total(ofDay, 'runs'),
            failed: total(ofDay, 'failed'),
          };
        }),
      };
    });
  }
}

type Figure = number | string;
interface StatsRow {
  agent_ref: string;
  day: Figure;
  duration_bucket: Figure;
  runs: Figure;
  succeeded: Figure;
  failed: Figure;
  cancelled: Figure;
  cost_nano_usd: Figure;
  last_at: Figure;
}

function total(rows: StatsRow[], sum: keyof StatsRow): number {
  return rows.reduce((all, row) => all + Number(row[sum]), 0);
}

function bucketOf(durationMs: number | undefined): number {
  return durationMs === undefined
    ? NO_DURATION
    : Math.round(BUCKETS_PER_DOUBLING * Math.log2(Math.max(0, durationMs) + 1));
}

/** The middle duration, or the mean of the two in the middle; within 5 %. */
function medianOf(rows: StatsRow[]): number | undefined {
  const buckets = rows
    .map(row => ({
      bucket: Number(row.duration_bucket),
      ended:
        total([row], 'succeeded') +
        total([row], 'failed') +
        total([row], 'cancelled'),
    }))
    .filter(({ bucket }) => bucket !== NO_DURATION)
    .sort((a, b) => a.bucket - b.bucket);
  const ended = buckets.reduce((all, { ended: n }) => all + n, 0);
  if (!ended) {
    return undefined;
  }
  const at = (place: number) => {
    let before = 0;
    const found = buckets.find(({ ended: n }) => {
      before += n;
      return before > place;
    })!;
    return 2 ** (found.bucket / BUCKETS_PER_DOUBLING) - 1;
  };
  const middle =
    (at(Math.floor((ended - 1) / 2)) + at(Math.floor(ended / 2))) / 2;
  return Math.round(middle);
}

import type { AgentStats } from '@agentportal/plugin-orchestration-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { DAY_MS } from '../config';
import { iso, type RunRow } from './rows';
import { criteriaForOwner, type RunFilter, whereRunAllowed } from './runFilter';

const TABLE = 'orchestration_daily_stats';
const BATCH = 200;

const KEY = [
  'created_by',
  'on_behalf_of',
  'agent_ref',
  'day',
  'agent_owner_ref',
] as const;
const SUMS = ['runs', 'succeeded', 'failed', 'cost_nano_usd'] as const;

/** Who asked for the runs of rows that count those of all people. */
const EVERYBODY = { created_by: '', on_behalf_of: '' };

/**
 * Durations are counted on a scale of two steps per doubling, from an eighth of
 * a second to three quarters of an hour; what is beyond is counted at its ends.
 */
const STEPS_PER_DOUBLING = 2;
const FIRST_STEP = 14;
const TOOK = Array.from({ length: 30 }, (_, i) => `took_${i}`);

type CountedRun = Pick<
  RunRow,
  'agent_ref' | 'created_by' | 'on_behalf_of' | 'agent_owner_ref' | 'created_at'
>;

/** What happened to a run. */
export interface DayChange {
  run: CountedRun;
  sums: Partial<Record<(typeof SUMS)[number], number>>;
  /** Of a run that has ended and had begun. */
  durationMs?: number;
}

/**
 * Adds to the figures of the days on which runs were asked for, in the
 * transaction that writes the runs: nothing is ever counted by a scan. Each run
 * counts twice, among those of all people and among those of whoever asked for
 * it, so that neither an administrator nor a guest reads the rows of others.
 */
export async function addToDays(
  tx: Knex.Transaction,
  changes: DayChange[],
): Promise<void> {
  const days = new Map<string, Record<string, string | number>>();
  const columns = new Set<string>(SUMS);
  for (const { run, sums, durationMs } of changes) {
    const took = durationMs === undefined ? undefined : tookColumn(durationMs);
    const counts = { ...sums, ...(took && { [took]: 1 }) };
    Object.keys(counts).forEach(column => columns.add(column));
    const person = {
      created_by: run.created_by,
      on_behalf_of: run.on_behalf_of ?? '',
    };
    for (const who of [EVERYBODY, person]) {
      const key = {
        ...who,
        agent_ref: run.agent_ref,
        day: Math.floor(Number(run.created_at) / DAY_MS),
        agent_owner_ref: run.agent_owner_ref ?? '',
      };
      const id = JSON.stringify(key);
      const day = days.get(id) ?? { ...key, last_at: 0 };
      for (const [column, count] of Object.entries(counts)) {
        day[column] = Number(day[column] ?? 0) + count;
      }
      day.last_at = Math.max(Number(day.last_at), Number(run.created_at));
      days.set(id, day);
    }
  }
  // In one order everywhere, so that no two transactions wait for each other.
  const rows = [...days].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let i = 0; i < rows.length; i += BATCH) {
    await tx(TABLE)
      .insert(
        rows.slice(i, i + BATCH).map(([, day]) => ({
          ...Object.fromEntries([...columns].map(column => [column, 0])),
          ...day,
        })),
      )
      .onConflict([...KEY])
      .merge({
        ...Object.fromEntries(
          [...columns].map(column => [
            column,
            tx.raw('?? + ??', [`${TABLE}.${column}`, `excluded.${column}`]),
          ]),
        ),
        last_at: tx.raw(
          `CASE WHEN excluded.last_at > ${TABLE}.last_at THEN excluded.last_at ELSE ${TABLE}.last_at END`,
        ),
      });
  }
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
    endsDaysAgo?: number;
    now?: number;
    allowed?: PermissionCriteria<RunFilter>;
  }): Promise<AgentStats[]> {
    const today = Math.floor((query.now ?? Date.now()) / DAY_MS);
    const lastDay = today - (query.endsDaysAgo ?? 0);
    const firstDay = lastDay - query.days + 1;
    const rows = this.#knex(TABLE)
      .whereIn('agent_ref', query.agentRefs)
      .andWhere('day', '>=', firstDay)
      // A run that a faster clock wrote may lie beyond today.
      .andWhere('day', '<=', query.endsDaysAgo ? lastDay : lastDay + 1);
    const sums: FigureRow[] = [];
    const days: FigureRow[] = [];
    for (const part of await this.#visible(rows, query.allowed)) {
      sums.push(
        ...(await part
          .clone()
          .select('agent_ref')
          .sum(Object.fromEntries([...SUMS, ...TOOK].map(sum => [sum, sum])))
          .max({ last_at: 'last_at' })
          .groupBy('agent_ref')),
      );
      days.push(
        ...(await part
          .clone()
          .select('agent_ref', 'day')
          .sum(Object.fromEntries([...SUMS, ...TOOK].map(sum => [sum, sum])))
          .groupBy('agent_ref', 'day')),
      );
    }
    const sumsOf = Map.groupBy(sums, row => row.agent_ref);
    const daysOf = Map.groupBy(days, row => row.agent_ref);
    const dates = Array.from({ length: query.days }, (_, i) =>
      iso((firstDay + i) * DAY_MS).slice(0, 10),
    );
    return query.agentRefs.map(agentRef => {
      const own = sumsOf.get(agentRef) ?? [];
      const lastRunAt = Math.max(0, ...own.map(row => Number(row.last_at)));
      const [median, p95] = [0.5, 0.95].map(share => durationAt(own, share));
      return {
        agentRef,
        runs: total(own, 'runs'),
        succeeded: total(own, 'succeeded'),
        failed: total(own, 'failed'),
        timed: TOOK.reduce((all, took) => all + total(own, took), 0),
        ...(median === undefined ? {} : { medianDurationMs: median }),
        ...(p95 === undefined ? {} : { p95DurationMs: p95 }),
        costNanoUsd: total(own, 'cost_nano_usd'),
        ...(lastRunAt ? { lastRunAt: iso(lastRunAt) } : {}),
        daily: dailyFigures(daysOf.get(agentRef) ?? [], firstDay, dates),
      };
    });
  }

  /**
   * The rows to add up, in parts. Where the owner of an agent alone decides, as
   * for members of that group, those of all people are taken; else those of the
   * people whom the criteria name.
   */
  async #visible(
    rows: Knex.QueryBuilder,
    allowed: PermissionCriteria<RunFilter> | undefined,
  ): Promise<Knex.QueryBuilder[]> {
    const ofAll = rows.clone().andWhere(EVERYBODY);
    if (!allowed) {
      return [ofAll];
    }
    const owners: string[] = await ofAll
      .clone()
      .distinct()
      .pluck('agent_owner_ref');
    const parts = Map.groupBy(owners, owner =>
      JSON.stringify(criteriaForOwner(allowed, owner || undefined)),
    );
    return [...parts].flatMap(([left, of]) => {
      const criteria: ReturnType<typeof criteriaForOwner> = JSON.parse(left);
      if (typeof criteria === 'boolean') {
        return criteria ? [ofAll.clone().whereIn('agent_owner_ref', of)] : [];
      }
      const ofSome = rows
        .clone()
        .whereIn('agent_owner_ref', of)
        .andWhereNot('created_by', EVERYBODY.created_by);
      whereRunAllowed(ofSome, criteria);
      return [ofSome];
    });
  }
}

type FigureRow = Record<string, number | string> & { agent_ref: string };

/** One item for each date, whether anything ran on it or not. */
function dailyFigures(
  rows: FigureRow[],
  firstDay: number,
  dates: string[],
): AgentStats['daily'] {
  const byDay = Map.groupBy(rows, row => Number(row.day) - firstDay);
  return dates.map((day, i) => {
    const own = byDay.get(i) ?? [];
    const p95 = durationAt(own, 0.95);
    return {
      day,
      runs: total(own, 'runs'),
      succeeded: total(own, 'succeeded'),
      failed: total(own, 'failed'),
      costNanoUsd: total(own, 'cost_nano_usd'),
      ...(p95 === undefined ? {} : { p95DurationMs: p95 }),
    };
  });
}

function total(rows: FigureRow[], sum: string): number {
  return rows.reduce((all, row) => all + Number(row[sum]), 0);
}

function tookColumn(durationMs: number): string {
  const step = Math.round(
    STEPS_PER_DOUBLING * Math.log2(Math.max(0, durationMs) + 1),
  );
  return TOOK[Math.min(Math.max(step - FIRST_STEP, 0), TOOK.length - 1)];
}

/** The duration that a share of runs does not pass, on the scale, which is within a fifth of it. */
function durationAt(rows: FigureRow[], share: number): number | undefined {
  const counts = TOOK.map(took => total(rows, took));
  const ended = counts.reduce((all, n) => all + n, 0);
  let before = 0;
  const place = counts.findIndex(n => {
    before += n;
    return before > 0 && before >= ended * share;
  });
  return place < 0
    ? undefined
    : Math.round(2 ** ((place + FIRST_STEP) / STEPS_PER_DOUBLING));
}

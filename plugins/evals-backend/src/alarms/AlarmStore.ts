import { randomUUID } from 'node:crypto';
import { readPage } from '@agentportal/plugin-agents-node';
import {
  type Alarm,
  type AlarmKind,
  countInterval,
  wilsonInterval,
} from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import { iso } from '../store/iso';
import { newSeries, type Series, watchAgain } from './series';
import type { Rise } from './watchedRun';

const WATCHED = 'evals_watched';
const ALARMS = 'evals_alarms';
const POSITIONS = 'evals_positions';
const CHANGES = 'evals_agent_changes';
const POSITION = 'alarms';
const DAY_MS = 86_400_000;
/** A change before that is not why something became worse. */
const CHANGED_WITHIN_MS = 7 * DAY_MS;
const BATCH = 100;

interface AlarmRow {
  id: string;
  agent_ref: string;
  kind: AlarmKind;
  status: Alarm['status'];
  at: number | string;
  since: number | string;
  changed_at: number | string | null;
  sentence: string;
  usual: number;
  happened: number;
  runs: number;
  run_ids: string;
  evidence: string;
  told: boolean | number;
  answered_by: string | null;
  answered_at: number | string | null;
}

/** A series with what it is of. */
export interface Watched {
  agentRef: string;
  kind: AlarmKind;
  series: Series;
  /** How often it was written when it was read; 0 where nothing was there. */
  version: number;
}

/** A rise that is told. */
export interface NewAlarm extends Rise {
  agentRef: string;
  kind: AlarmKind;
  sentence: string;
}

/** What is usual for agents, and alarms about what is not. */
export class AlarmStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Up to when runs were taken in; the first time that is now. */
  async position(now: number): Promise<number> {
    await this.#knex(POSITIONS)
      .insert({ id: POSITION, at: now })
      .onConflict('id')
      .ignore();
    const row = await this.#knex(POSITIONS).where({ id: POSITION }).first('at');
    return Number(row.at);
  }

  /** Series of some agents, but those with an alarm that is open: what they would tell is told. */
  async watched(agentRefs: string[]): Promise<Watched[]> {
    const rows: Array<{
      agent_ref: string;
      kind: AlarmKind;
      series: string;
      version: number;
    }> = await this.#knex(WATCHED).whereIn('agent_ref', agentRefs);
    return rows.map(row => ({
      agentRef: row.agent_ref,
      kind: row.kind,
      series: JSON.parse(row.series),
      version: row.version,
    }));
  }

  /** Of some agents, what there is an open alarm about, by `keyOf`. */
  async open(agentRefs: string[]): Promise<Set<string>> {
    const rows: Array<Pick<Alarm, 'agentRef' | 'kind'>> = await this.#knex(
      ALARMS,
    )
      .whereIn('agent_ref', agentRefs)
      .andWhere({ status: 'open' })
      .select('agent_ref as agentRef', 'kind');
    return new Set(rows.map(keyOf));
  }

  /**
   * Writes down what some runs showed, and up to when they were taken in; nothing where another replica has. What
   * somebody answered since it was read stays as they left it.
   *
   * @returns whether it was written
   */
  async take(
    watched: Watched[],
    alarms: NewAlarm[],
    position: { before: number; after: number },
    now: number,
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const moved = await tx(POSITIONS)
        .where({ id: POSITION, at: position.before })
        .update({ at: position.after });
      if (moved === 0) {
        return false;
      }
      const fresh = await unanswered(tx, watched);
      for (let i = 0; i < fresh.length; i += BATCH) {
        await tx(WATCHED)
          .insert(
            fresh
              .slice(i, i + BATCH)
              .map(({ agentRef, kind, series, version }) => ({
                agent_ref: agentRef,
                kind,
                series: JSON.stringify(series),
                version: version + 1,
                seen_at: now,
              })),
          )
          .onConflict(['agent_ref', 'kind'])
          .merge();
      }
      const kept = new Set(fresh.map(keyOf));
      for (const alarm of alarms.filter(each => kept.has(keyOf(each)))) {
        const change = await tx(CHANGES)
          .where({ agent_ref: alarm.agentRef })
          .andWhere('in_force_at', '<=', alarm.since)
          .andWhere('in_force_at', '>', alarm.since - CHANGED_WITHIN_MS)
          .max({ at: 'in_force_at' })
          .first();
        await tx(ALARMS).insert({
          id: randomUUID(),
          agent_ref: alarm.agentRef,
          kind: alarm.kind,
          status: 'open',
          at: now,
          since: alarm.since,
          changed_at: change?.at ?? null,
          sentence: alarm.sentence,
          usual: alarm.usual,
          happened: alarm.happened,
          runs: alarm.runs,
          run_ids: JSON.stringify(alarm.runIds),
          evidence: JSON.stringify(alarm.evidence),
          told: false,
        });
      }
      return true;
    });
  }

  /** Alarms since a time of which the owner has not heard, the oldest first. */
  async untold(since: number, limit: number): Promise<Alarm[]> {
    const rows: AlarmRow[] = await this.#knex(ALARMS)
      .where({ told: false })
      .andWhere('at', '>=', since)
      .orderBy('at')
      .limit(limit);
    return rows.map(toAlarm);
  }

  async setTold(id: string): Promise<void> {
    await this.#knex(ALARMS).where({ id }).update({ told: true });
  }

  async get(id: string): Promise<Alarm | undefined> {
    const row = await this.#knex<AlarmRow>(ALARMS).where({ id }).first();
    return row && toAlarm(row);
  }

  async list(
    query: {
      agentRef?: string;
      status?: Alarm['status'];
      limit: number;
      cursor?: string;
    },
    agentRefs?: string[],
  ): Promise<{ items: Alarm[]; nextCursor?: string }> {
    const { status } = query;
    const { rows, nextCursor } = await readPage<AlarmRow>(
      this.#of(query.agentRef, agentRefs).where({ ...(status && { status }) }),
      'at',
      query,
    );
    return { items: rows.map(toAlarm), ...(nextCursor && { nextCursor }) };
  }

  /** How many alarms people called real, and how many not. */
  async answered(
    agentRef: string | undefined,
    agentRefs?: string[],
  ): Promise<{ real: number; notReal: number }> {
    const rows: Array<{ status: string; count: number | string }> =
      await this.#of(agentRef, agentRefs)
        .whereIn('status', ['real', 'not-real'])
        .groupBy('status')
        .select('status', this.#knex.raw('count(*) as count'));
    const of = (status: string) =>
      Number(rows.find(row => row.status === status)?.count ?? 0);
    return { real: of('real'), notReal: of('not-real') };
  }

  async agents(): Promise<string[]> {
    return this.#knex(ALARMS).distinct('agent_ref').pluck('agent_ref');
  }

  /**
   * Writes the answer, and has the series watch again, or learn anew what is usual where the alarm was false.
   *
   * @returns whether it was open until now, or nobody had answered it
   */
  async answer(
    { id, agentRef, kind }: Alarm,
    answer: { status: Alarm['status']; by?: string },
    now = Date.now(),
  ): Promise<boolean> {
    return this.#knex.transaction(async tx => {
      const answered = await tx(ALARMS)
        .where({ id })
        .whereIn('status', ['open', 'unanswered'])
        .update({
          status: answer.status,
          ...(answer.by && { answered_by: answer.by, answered_at: now }),
        });
      const key = { agent_ref: agentRef, kind };
      const row = answered && (await tx(WATCHED).where(key).first());
      if (row) {
        const series =
          answer.status === 'not-real'
            ? newSeries(kind, now)
            : watchAgain(kind, JSON.parse(row.series), now);
        await tx(WATCHED)
          .where(key)
          .update({ series: JSON.stringify(series) })
          .increment('version', 1);
      }
      return answered > 0;
    });
  }

  /** Open alarms from before a time, of which there are few. */
  async openBefore(before: number, limit: number): Promise<Alarm[]> {
    const rows: AlarmRow[] = await this.#knex(ALARMS)
      .where({ status: 'open' })
      .andWhere('at', '<', before)
      .limit(limit);
    return rows.map(toAlarm);
  }

  /** Takes a person's name from what they answered. */
  async erase(person: string): Promise<number> {
    return this.#knex(ALARMS)
      .where({ answered_by: person })
      .update({ answered_by: null });
  }

  /** Deletes old alarms, and what was usual for agents that nobody asks any more. */
  async removeBefore(alarms: number, watched: number): Promise<void> {
    await this.#knex(ALARMS).where('at', '<', alarms).delete();
    await this.#knex(WATCHED).where('seen_at', '<', watched).delete();
  }

  #of(agentRef: string | undefined, agentRefs: string[] | undefined) {
    const select = this.#knex(ALARMS).where({
      ...(agentRef && { agent_ref: agentRef }),
    });
    return agentRefs ? select.whereIn('agent_ref', agentRefs) : select;
  }
}

/** Those of some series that are as they were read, which stay so until the transaction ends. */
async function unanswered(
  tx: Knex.Transaction,
  watched: Watched[],
): Promise<Watched[]> {
  const agentRefs = [...new Set(watched.map(({ agentRef }) => agentRef))];
  const rows: Array<Pick<Watched, 'agentRef' | 'kind' | 'version'>> = await tx(
    WATCHED,
  )
    .whereIn('agent_ref', agentRefs)
    .orderBy(['agent_ref', 'kind'])
    .select('agent_ref as agentRef', 'kind', 'version')
    .forUpdate();
  const versions = new Map(rows.map(row => [keyOf(row), row.version]));
  return watched.filter(
    each => (versions.get(keyOf(each)) ?? 0) === each.version,
  );
}

/** By what series and alarms about the same thing are found. */
export function keyOf(of: { agentRef: string; kind: AlarmKind }): string {
  return `${of.agentRef} ${of.kind}`;
}

function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    kind: row.kind,
    status: row.status,
    at: iso(row.at),
    since: iso(row.since),
    sentence: row.sentence,
    usual: row.usual,
    seen:
      row.kind === 'calls'
        ? countInterval(row.happened)
        : wilsonInterval(row.happened, row.runs),
    runIds: JSON.parse(row.run_ids),
    evidence: JSON.parse(row.evidence),
    ...(row.changed_at !== null && { changedAt: iso(row.changed_at) }),
    ...(row.answered_by !== null && { answeredBy: row.answered_by }),
    ...(row.answered_at !== null && { answeredAt: iso(row.answered_at) }),
  };
}

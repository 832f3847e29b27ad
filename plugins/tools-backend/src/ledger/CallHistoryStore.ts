import {
  type CallHistory,
  type HistoryNeeds,
  sumKey,
  type Windows,
} from '@agentportal/agent-rules';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { REFUSALS } from './CallLedger';

const HOUR_MS = 3_600_000;

/** In whose work a call is. */
export interface CallPlace {
  callId: string;
  agentRef: string;
  runId?: string;
  sessionId?: string;
  /** Whether it is only rehearsed; then it counts what was rehearsed in its own work too. */
  isRehearsal?: boolean;
}

interface Counts {
  run: number | string | null;
  session: number | string | null;
  hour: number | string | null;
}

/**
 * What rules ask about the past. It is read from the ledger at each question, because
 * another process may have served the call before; a call that has begun is in it, so
 * that two at the same time see each other.
 */
export class CallHistoryStore {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  static async create(database: DatabaseService): Promise<CallHistoryStore> {
    return new CallHistoryStore(await database.getClient());
  }

  /** Writes down what of a call that has begun is summed. */
  async addAmounts(
    callId: string,
    amounts: Map<string, number>,
  ): Promise<void> {
    if (amounts.size) {
      await this.#db('tool_call_amounts').insert(
        [...amounts].map(([path, units]) => ({ call_id: callId, path, units })),
      );
    }
  }

  async read(
    place: CallPlace,
    needs: HistoryNeeds,
    now: number,
  ): Promise<CallHistory> {
    const [counted, summed] = await Promise.all([
      this.#counts(place, needs.calls, now),
      this.#sums(place, needs.sums, now),
    ]);
    return {
      calls: new Map(counted.map(row => [row.tool_ref, row.calls])),
      succeeded: new Map(counted.map(row => [row.tool_ref, row.succeeded])),
      sums: new Map(
        summed.map(row => [sumKey(row.tool_ref, row.path), windowsOf(row)]),
      ),
    };
  }

  async #counts(place: CallPlace, toolRefs: string[], now: number) {
    if (!toolRefs.length) {
      return [];
    }
    const rows: Array<Counts & { tool_ref: string; ok: unknown }> =
      await this.#within(place, now)
        .whereIn('tool_ref', toolRefs)
        .groupBy('tool_ref', 'ok')
        .select('tool_ref', 'ok', ...this.#windows(place, now, '1'));
    return [...Map.groupBy(rows, row => row.tool_ref)].map(
      ([tool_ref, ofTool]) => ({
        tool_ref,
        calls: sumOf(ofTool),
        succeeded: sumOf(ofTool.filter(row => Boolean(row.ok))),
      }),
    );
  }

  async #sums(place: CallPlace, sums: HistoryNeeds['sums'], now: number) {
    if (!sums.length) {
      return [];
    }
    const rows: Array<Counts & { tool_ref: string; path: string }> =
      await this.#within(place, now)
        .join('tool_call_amounts', 'call_id', 'tool_calls.id')
        .whereIn(
          'tool_ref',
          sums.map(({ toolRef }) => toolRef),
        )
        .whereIn(
          'path',
          sums.map(({ path }) => path),
        )
        .groupBy('tool_ref', 'path')
        .select('tool_ref', 'path', ...this.#windows(place, now, 'units'));
    return rows;
  }

  /** Calls that reached their tool, or are about to, in one of the windows. */
  #within(place: CallPlace, now: number) {
    const { agentRef, callId, isRehearsal, runId, sessionId } = place;
    return this.#db('tool_calls')
      .where(window => {
        window.where(hour =>
          hour
            .where('agent_ref', agentRef)
            .andWhere('started_at', '>', now - HOUR_MS),
        );
        if (runId !== undefined) {
          window.orWhere('run_id', runId);
        }
        if (sessionId !== undefined) {
          window.orWhere('session_id', sessionId);
        }
      })
      .where(reached =>
        reached.whereNull('error_code').orWhereNotIn('error_code', REFUSALS),
      )
      .where(counted => {
        counted.where('rehearsed', false);
        if (isRehearsal) {
          counted.orWhere({ 'tool_calls.id': callId });
          if (runId !== undefined) {
            counted.orWhere('run_id', runId);
          }
          if (sessionId !== undefined) {
            counted.orWhere('session_id', sessionId);
          }
        }
      });
  }

  #windows(place: CallPlace, now: number, of: string) {
    const { callId, agentRef, runId, sessionId } = place;
    const total = (
      when: string,
      bindings: Array<string | number>,
      as: string,
    ) =>
      this.#db.raw(`sum(case when ${when} then ${of} else 0 end) as ${as}`, [
        ...bindings,
      ]);
    // A call without a run is a run of its own; one without a conversation is alone in it.
    const ofRun = (as: string) =>
      runId === undefined
        ? total('tool_calls.id = ?', [callId], as)
        : total('run_id = ?', [runId], as);
    return [
      ofRun('run'),
      sessionId === undefined
        ? ofRun('session')
        : total('session_id = ?', [sessionId], 'session'),
      total(
        'agent_ref = ? and started_at > ?',
        [agentRef, now - HOUR_MS],
        'hour',
      ),
    ];
  }
}

function windowsOf({ run, session, hour }: Counts): Windows {
  return { run: Number(run), session: Number(session), hour: Number(hour) };
}

function sumOf(rows: Counts[]): Windows {
  const sum = (of: keyof Counts) =>
    rows.reduce((total, row) => total + Number(row[of]), 0);
  return { run: sum('run'), session: sum('session'), hour: sum('hour') };
}

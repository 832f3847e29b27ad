import { randomUUID } from 'node:crypto';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { ToolStats } from '@agentportal/plugin-tools-common';
import { readPage } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';

const DAY_MS = 24 * 3600 * 1000;
const STATS_DAYS = 30;
/** Each class of durations reaches this much further than the one before. */
const CLASS_GROWTH = 1.1;
/** Refused calls never reached the tool and say nothing about it. */
export const REFUSALS = ['denied', 'invalid_arguments', 'unavailable'];

/** What a call has that began and did not end, perhaps because the process did. */
const RUNNING = 'running';

/** A call of an agent as it is read for a trial of rules. */
export interface RecordedCallRow {
  id: string;
  tool_ref: string;
  agent_ref: string;
  caller_ref: string;
  run_id: string | null;
  session_id: string | null;
  started_at: number | string;
  ok: boolean | number;
  error_code: string | null;
  /** JSON. */
  arguments: string | null;
}

/** One call through the gateway, without what was asked and answered. */
export interface CallRecord {
  id: string;
  toolName: string;
  toolRef: string;
  serverRef: string;
  riskTier: string;
  callerRef: string;
  agentRef?: string;
  runId?: string;
  sessionId?: string;
  step?: number;
  /** ms UTC. */
  startedAt: number;
  durationMs: number;
  ok: boolean;
  errorCode?: string;
  requestBytes: number;
  responseBytes: number;
}

/** The row of every call: who called what, when, for how long, with what end. */
export class CallLedger {
  readonly #db: Knex;

  private constructor(db: Knex) {
    this.#db = db;
  }

  /** Opens the ledger; `ToolStore.create` has made its table. */
  static async create(database: DatabaseService): Promise<CallLedger> {
    return new CallLedger(await database.getClient());
  }

  newId(): string {
    return randomUUID();
  }

  /** Writes down that a call has begun, where rules count such calls. */
  async begin(
    call: Omit<CallRecord, 'durationMs' | 'ok' | 'errorCode' | 'responseBytes'>,
  ): Promise<void> {
    await this.#db('tool_calls').insert(
      toRow({
        ...call,
        durationMs: 0,
        ok: false,
        errorCode: RUNNING,
        responseBytes: 0,
      }),
    );
  }

  /**
   * A page of the calls of agents in a period, the newest first, with what they were
   * called with where that was kept.
   */
  async recorded(
    period: { from: number; to: number; agentRef?: string },
    page: { limit: number; cursor?: string },
  ): Promise<{ items: RecordedCallRow[]; nextCursor?: string }> {
    const select = this.#db('tool_calls')
      .leftJoin('tool_call_arguments', 'call_id', 'tool_calls.id')
      .whereBetween('started_at', [period.from, period.to])
      .select(
        'id',
        'tool_ref',
        'agent_ref',
        'caller_ref',
        'run_id',
        'session_id',
        'started_at',
        'ok',
        'error_code',
        'arguments',
      );
    if (period.agentRef) {
      select.andWhere('agent_ref', period.agentRef);
    } else {
      select.whereNotNull('agent_ref');
    }
    const { rows, nextCursor } = await readPage<RecordedCallRow>(
      select,
      'started_at',
      page,
    );
    return { items: rows, ...(nextCursor && { nextCursor }) };
  }

  /** Writes the row, and counts the call for its day if it reached the tool. */
  async record(call: CallRecord): Promise<void> {
    await this.#db.transaction(async tx => {
      await tx('tool_calls').insert(toRow(call)).onConflict('id').merge();
      if (!REFUSALS.includes(call.errorCode ?? '')) {
        await tx('tool_call_days')
          .insert({
            tool_name: call.toolName,
            day: Math.floor(call.startedAt / DAY_MS),
            duration_class: classOf(call.durationMs),
            calls: 1,
            errors: call.ok ? 0 : 1,
          })
          .onConflict(['tool_name', 'day', 'duration_class'])
          .merge({
            calls: tx.raw('tool_call_days.calls + excluded.calls'),
            errors: tx.raw('tool_call_days.errors + excluded.errors'),
          });
      }
    });
  }

  /**
   * Calls, errors and median duration (within five per cent) of the last 30 days,
   * out of a few rows per tool and day.
   */
  async stats(
    toolNames: string[],
    now: number = Date.now(),
  ): Promise<Map<string, ToolStats>> {
    const stats = new Map<string, ToolStats>(
      toolNames.map(name => [name, { calls: 0, errors: 0 }]),
    );
    if (toolNames.length === 0) {
      return stats;
    }
    const rows: Array<{
      tool_name: string;
      duration_class: number;
      calls: number | string;
      errors: number | string;
    }> = await this.#db('tool_call_days')
      .whereIn('tool_name', toolNames)
      .andWhere('day', '>', Math.floor(now / DAY_MS) - STATS_DAYS)
      .groupBy('tool_name', 'duration_class')
      .orderBy('duration_class')
      .select('tool_name', 'duration_class')
      .sum({ calls: 'calls', errors: 'errors' });
    for (const [name, classes] of Map.groupBy(rows, row => row.tool_name)) {
      const calls = sumOf(classes.map(row => row.calls));
      let counted = 0;
      const middle = classes.find(row => {
        counted += Number(row.calls);
        return counted >= calls / 2;
      });
      stats.set(name, {
        calls,
        errors: sumOf(classes.map(row => row.errors)),
        ...(middle && {
          medianDurationMs: durationOf(middle.duration_class),
        }),
      });
    }
    return stats;
  }

  /** Deletes rows that are older than what is kept. */
  async removeOlderThan(
    ageMs: number,
    now: number = Date.now(),
  ): Promise<number> {
    await this.#db('tool_call_days')
      .where('day', '<=', Math.floor(now / DAY_MS) - STATS_DAYS)
      .delete();
    return this.#db('tool_calls')
      .where('started_at', '<', now - ageMs)
      .delete();
  }
}

function toRow(call: CallRecord) {
  return {
    id: call.id,
    tool_name: call.toolName,
    tool_ref: call.toolRef,
    server_ref: call.serverRef,
    risk_tier: call.riskTier,
    caller_ref: call.callerRef,
    agent_ref: call.agentRef ?? null,
    run_id: call.runId ?? null,
    session_id: call.sessionId ?? null,
    step: call.step ?? null,
    started_at: call.startedAt,
    duration_ms: Math.round(call.durationMs),
    ok: call.ok,
    error_code: call.errorCode ?? null,
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
  };
}

function classOf(durationMs: number): number {
  return Math.ceil(Math.log(durationMs + 1) / Math.log(CLASS_GROWTH));
}

/** The middle of a class, in ms. */
function durationOf(durationClass: number): number {
  return Math.max(0, Math.round(CLASS_GROWTH ** (durationClass - 0.5) - 1));
}

function sumOf(values: Array<number | string>): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

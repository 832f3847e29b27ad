import { randomUUID } from 'node:crypto';
import type { DatabaseService } from '@backstage/backend-plugin-api';
import type { ToolStats } from '@agentportal/plugin-tools-common';
import type { Knex } from 'knex';

const STATS_MS = 30 * 24 * 3600 * 1000;

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

  async record(call: CallRecord): Promise<void> {
    await this.#db('tool_calls').insert({
      id: call.id,
      tool_name: call.toolName,
      tool_ref: call.toolRef,
      server_ref: call.serverRef,
      risk_tier: call.riskTier,
      caller_ref: call.callerRef,
      agent_ref: call.agentRef ?? null,
      run_id: call.runId ?? null,
      step: call.step ?? null,
      started_at: call.startedAt,
      duration_ms: Math.round(call.durationMs),
      ok: call.ok,
      error_code: call.errorCode ?? null,
      request_bytes: call.requestBytes,
      response_bytes: call.responseBytes,
    });
  }

  /**
   * Calls, errors and median duration of the last 30 days. Calls that were
   * refused never reached the tool and say nothing about it.
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
    const db = this.#db;
    const ranked = db('tool_calls')
      .whereIn('tool_name', toolNames)
      .andWhere('started_at', '>=', now - STATS_MS)
      .andWhere(where =>
        where
          .whereNull('error_code')
          .orWhereNotIn('error_code', ['denied', 'invalid_arguments']),
      )
      .select(
        'tool_name',
        'duration_ms',
        'ok',
        db.raw(
          'row_number() over (partition by tool_name order by duration_ms) as place',
        ),
        db.raw('count(*) over (partition by tool_name) as total'),
      );
    const rows = await db
      .with('ranked', ranked)
      .from('ranked')
      .groupBy('tool_name')
      .select('tool_name', db.raw('max(total) as calls'))
      .select(db.raw('sum(case when ok then 0 else 1 end) as errors'))
      .select(
        db.raw(
          'avg(case when place in ((total + 1) / 2, (total + 2) / 2) then duration_ms end) as median',
        ),
      );
    for (const row of rows) {
      stats.set(row.tool_name, {
        calls: Number(row.calls),
        errors: Number(row.errors),
        medianDurationMs: Number(row.median),
      });
    }
    return stats;
  }

  /** Deletes rows that are older than what is kept. */
  async removeOlderThan(ageMs: number): Promise<number> {
    return this.#db('tool_calls')
      .where('started_at', '<', Date.now() - ageMs)
      .delete();
  }
}

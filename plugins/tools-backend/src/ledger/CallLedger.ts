import { randomUUID } from 'node:crypto';
import type {
  DatabaseService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { ToolStats } from '@agentportal/plugin-tools-common';
import { readPage } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';

const DAY_MS = 24 * 3600 * 1000;
const STATS_DAYS = 30;
/** Each class of durations reaches this much further than the one before. */
const CLASS_GROWTH = 1.1;
/** Refused calls never reached the tool and say nothing about it. */
export const REFUSALS = ['denied', 'invalid_arguments', 'unavailable'];

/** How long rows gather before they are written together. */
const GATHER_MS = 250;
/** Rows of one transaction. */
const MAX_ROWS = 500;
/** Rows that may wait: before callers have to, and while the database is away. */
const MAX_WAITING = 5_000;
/** How soon it is tried again. */
const RETRY_MS = 1_000;

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
  /** Whether the tool was left alone, because it was a rehearsal. */
  rehearsed: boolean;
  /** JSON of what it was called with, where that is kept. */
  keptArguments?: string;
}

/**
 * The row of every call: who called what, when, for how long, with what end. Rows are
 * written together a moment after their calls, which do not wait for them; those of
 * calls that rules count are there before the caller goes on. While the database is away
 * they wait for it, up to a number: the tool has run, and hiding its answer would make a
 * second run likely.
 */
export class CallLedger {
  readonly #db: Knex;
  readonly #logger: LoggerService;
  /** Calls that rules count and that have not ended. */
  readonly #begun = new Set<string>();
  readonly #waiting: CallRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isAway = false;
  /** Rows that found no room since the database went away. */
  #lost = 0;

  private constructor(db: Knex, logger: LoggerService) {
    this.#db = db;
    this.#logger = logger;
  }

  /** Opens the ledger; `ToolStore.create` has made its table. */
  static async create(
    database: DatabaseService,
    logger: LoggerService,
  ): Promise<CallLedger> {
    return new CallLedger(await database.getClient(), logger);
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
    this.#begun.add(call.id);
  }

  /**
   * A page of the calls of agents in a period, the newest first, with what they were
   * called with where that was kept. What was rehearsed is not among them.
   */
  async recorded(
    period: { from: number; to: number; agentRef?: string },
    page: { limit: number; cursor?: string },
  ): Promise<{ items: RecordedCallRow[]; nextCursor?: string }> {
    await this.flush();
    const select = this.#db('tool_calls')
      .leftJoin('tool_call_arguments', 'call_id', 'tool_calls.id')
      .whereBetween('started_at', [period.from, period.to])
      .andWhere('rehearsed', false)
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

  /** Takes the row, and counts the call for its day if it reached the tool. */
  async record(call: CallRecord): Promise<void> {
    const isCounted = this.#begun.delete(call.id);
    if (this.#waiting.length >= MAX_WAITING && !this.#isAway) {
      await this.flush();
    }
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(call);
    if (isCounted) {
      await this.flush();
    } else {
      this.#flushIn(GATHER_MS);
    }
  }

  /** Resolves when all that was recorded until now is written, or cannot be now. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Whoever asks while one is written waits for the next, all for the same.
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.#writeWaiting();
    });
    this.#writing = this.#next;
    return this.#next;
  }

  /** Writes what waits, once more, and says what is lost. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    const lost = this.#lost + this.#waiting.length;
    if (lost) {
      this.#logger.error(
        `The portal stops while the database is away: the records of ${lost} calls are lost.`,
      );
    }
  }

  #flushIn(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref();
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const calls = this.#waiting.slice(0, MAX_ROWS);
      try {
        await this.#write(calls, this.#isAway).catch(() =>
          this.#writeEach(calls),
        );
      } catch (error) {
        if (!this.#isAway) {
          this.#isAway = true;
          this.#logger.error(
            `The records of calls cannot be written; up to ${MAX_WAITING} wait until they can be.`,
            error as Error,
          );
        }
        this.#flushIn(RETRY_MS);
        return;
      }
      this.#waiting.splice(0, calls.length);
      if (this.#isAway) {
        this.#logger.warn(
          `The records of calls are written again; ${
            this.#lost
          } found no room and are lost.`,
        );
        this.#isAway = false;
        this.#lost = 0;
      }
    }
  }

  /** One may be at fault for all, and is where others can be written; where none can, nothing is there to write to. */
  async #writeEach(calls: CallRecord[]): Promise<void> {
    await this.#db.raw('select 1');
    const ends = await Promise.allSettled(
      calls.map(call => this.#write([call], true)),
    );
    const failures = ends.map(end =>
      end.status === 'rejected' ? end.reason : undefined,
    );
    if (failures.every(Boolean)) {
      throw failures[0];
    }
    for (const [at, { id, toolName }] of calls.entries()) {
      if (failures[at]) {
        this.#logger.error(
          `Could not record the call ${id} of ${toolName}`,
          failures[at],
        );
      }
    }
  }

  /** @param isAgain - whether it was tried before, so that all may be there although nobody was told */
  async #write(calls: CallRecord[], isAgain: boolean): Promise<void> {
    const kept = calls.flatMap(({ id, keptArguments, startedAt }) =>
      keptArguments === undefined
        ? []
        : [{ call_id: id, arguments: keptArguments, recorded_at: startedAt }],
    );
    await this.#db.transaction(async tx => {
      const written = new Set<string>(
        isAgain
          ? await tx('tool_calls')
              .whereIn(
                'id',
                calls.map(({ id }) => id),
              )
              .andWhereRaw(`coalesce(error_code, '') <> ?`, [RUNNING])
              .pluck('id')
          : [],
      );
      const days = countsOf(calls.filter(({ id }) => !written.has(id)));
      await tx('tool_calls').insert(calls.map(toRow)).onConflict('id').merge();
      if (kept.length) {
        // A connection may break after all was written.
        await tx('tool_call_arguments')
          .insert(kept)
          .onConflict('call_id')
          .ignore();
      }
      if (days.length) {
        await tx('tool_call_days')
          .insert(days)
          .onConflict(['tool_name', 'day', 'duration_class'])
          .merge({
            calls: tx.raw('tool_call_days.calls + excluded.calls'),
            errors: tx.raw('tool_call_days.errors + excluded.errors'),
            rehearsed: tx.raw('tool_call_days.rehearsed + excluded.rehearsed'),
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
      toolNames.map(name => [name, { calls: 0, errors: 0, rehearsed: 0 }]),
    );
    if (toolNames.length === 0) {
      return stats;
    }
    await this.flush();
    const rows: Array<{
      tool_name: string;
      duration_class: number;
      calls: number | string;
      errors: number | string;
      rehearsed: number | string;
    }> = await this.#db('tool_call_days')
      .whereIn('tool_name', toolNames)
      .andWhere('day', '>', Math.floor(now / DAY_MS) - STATS_DAYS)
      .groupBy('tool_name', 'duration_class')
      .orderBy('duration_class')
      .select('tool_name', 'duration_class')
      .sum({ calls: 'calls', errors: 'errors', rehearsed: 'rehearsed' });
    for (const [name, classes] of Map.groupBy(rows, row => row.tool_name)) {
      const calls = sumOf(classes.map(row => row.calls));
      let counted = 0;
      const middle = classes.find(row => {
        counted += Number(row.calls);
        return calls > 0 && counted >= calls / 2;
      });
      stats.set(name, {
        calls,
        errors: sumOf(classes.map(row => row.errors)),
        rehearsed: sumOf(classes.map(row => row.rehearsed)),
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
    rehearsed: call.rehearsed,
  };
}

/** Calls that reached their tool, or rehearsed that, by tool, day and class of duration. */
function countsOf(calls: CallRecord[]) {
  const counts = new Map<
    string,
    {
      tool_name: string;
      day: number;
      duration_class: number;
      calls: number;
      errors: number;
      rehearsed: number;
    }
  >();
  for (const call of calls) {
    if (!REFUSALS.includes(call.errorCode ?? '')) {
      const day = Math.floor(call.startedAt / DAY_MS);
      // How long the gateway took in place of a tool says nothing of it.
      const duration_class = call.rehearsed ? 0 : classOf(call.durationMs);
      const key = `${call.toolName} ${day} ${duration_class}`;
      const count = counts.get(key) ?? {
        ...{ tool_name: call.toolName, day, duration_class },
        ...{ calls: 0, errors: 0, rehearsed: 0 },
      };
      if (call.rehearsed) {
        count.rehearsed += 1;
      } else {
        count.calls += 1;
        count.errors += call.ok ? 0 : 1;
      }
      counts.set(key, count);
    }
  }
  // In one order everywhere, so that two processes never wait for each other.
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, count]) => count);
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
